"""Answers to `similarity_report`: what students write, right and wrong."""

# %% wrong pearson
# check: similarity_report-figures
# says: Pearson
# -     rho = float(spearmanr(cosines, [score for _, _, score in covered]).statistic)
# +     rho = float(np.corrcoef(cosines, [score for _, _, score in covered])[0, 1])

# %% wrong dot_products
# check: similarity_report-figures
# says: compares dot products
# -     unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
# +     unit = vectors

# %% wrong missing_pairs_are_zero
# check: similarity_report-figures
# says: count as cosine 0
# -     cosines = [unit[i] @ unit[j] for i, j, _ in covered]
# -     rho = float(spearmanr(cosines, [score for _, _, score in covered]).statistic)
# +     cosines = [unit[row[a]] @ unit[row[b]] if a in row and b in row else 0 for a, b, _ in pairs]
# +     rho = float(spearmanr(cosines, [score for _, _, score in pairs]).statistic)

# %% wrong counts_all_pairs
# check: similarity_report-figures
# says: have a word without a vector
# -     return {"rho": rho, "covered": len(covered), "low": low, "high": high}
# +     return {"rho": rho, "covered": len(pairs), "low": low, "high": high}

# %% wrong interval_of_all_pairs
# check: similarity_report-interval
# says: expected that of the covered
# -     reach = 1.96 * np.sqrt(1.06 / (len(covered) - 3))
# +     reach = 1.96 * np.sqrt(1.06 / (len(pairs) - 3))

# %% wrong interval_of_rho_itself
# check: similarity_report-interval
# says: expected around artanh rho
# -     low, high = (float(np.tanh(np.arctanh(rho) + sign * reach)) for sign in (-1, 1))
# +     low, high = rho - reach, rho + reach

# %% wrong one_standard_deviation
# check: similarity_report-interval
# says: expected 1.96
# -     reach = 1.96 * np.sqrt(1.06 / (len(covered) - 3))
# +     reach = np.sqrt(1.06 / (len(covered) - 3))

# %% wrong variance_for_deviation
# check: similarity_report-interval
# says: expected its square root
# -     reach = 1.96 * np.sqrt(1.06 / (len(covered) - 3))
# +     reach = 1.96 * 1.06 / (len(covered) - 3)

# %% wrong never_turned_back
# check: similarity_report-interval
# says: the last step, tanh, is missing
# -     low, high = (float(np.tanh(np.arctanh(rho) + sign * reach)) for sign in (-1, 1))
# +     low, high = np.arctanh(rho) - reach, np.arctanh(rho) + reach

# %% wrong scores_of_the_first_pairs
# check: similarity_report-figures
# says: is each score with its own pair
# -     rho = float(spearmanr(cosines, [score for _, _, score in covered]).statistic)
# +     rho = float(spearmanr(cosines, [score for _, _, score in pairs[: len(covered)]]).statistic)

# %% wrong ranks_without_ties
# check: similarity_report-figures
# says: do ties share their rank
# -     rho = float(spearmanr(cosines, [score for _, _, score in covered]).statistic)
# +     ranks = [np.argsort(np.argsort(x)) for x in (cosines, [score for _, _, score in covered])]
# +     rho = float(np.corrcoef(*ranks)[0, 1])

# %% wrong a_number
# check: similarity_report-figures
# says: expected a dict
# -     return {"rho": rho, "covered": len(covered), "low": low, "high": high}
# +     return rho


# %% wrong p_value
# check: similarity_report-figures
# says: this is the p-value
# -     rho = float(spearmanr(cosines, [score for _, _, score in covered]).statistic)
# +     rho = float(spearmanr(cosines, [score for _, _, score in covered]).pvalue)

# %% wrong each_pair_once
# check: similarity_report-figures
# says: a pair that occurs twice counts twice
# -     covered = [(row[a], row[b], score) for a, b, score in pairs if a in row and b in row]
# +     covered = [(row[a], row[b], score) for a, b, score in set(pairs) if a in row and b in row]

# %% wrong leaves_out_a_word_with_itself
# check: similarity_report-figures
# says: a word paired with itself counts too
# -     covered = [(row[a], row[b], score) for a, b, score in pairs if a in row and b in row]
# +     covered = [(row[a], row[b], s) for a, b, s in pairs if a in row and b in row and a != b]

# %% wrong normalizes_in_place
# check: similarity_report-figures
# says: modified one of its arguments
# -     unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
# +     vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
# +     unit = vectors

# %% wrong hides_nan
# check: similarity_report-figures
# says: rho is nan
# -     return {"rho": rho, "covered": len(covered), "low": low, "high": high}
# +     return {"rho": float("nan"), "covered": len(covered), "low": low, "high": high}

# %% wrong ends_swapped
# check: similarity_report-interval
# says: its ends are swapped
# -     low, high = (float(np.tanh(np.arctanh(rho) + sign * reach)) for sign in (-1, 1))
# +     low, high = (float(np.tanh(np.arctanh(rho) + sign * reach)) for sign in (1, -1))

# %% wrong all_of_n
# check: similarity_report-interval
# says: it divides by n, expected n - 3
# -     reach = 1.96 * np.sqrt(1.06 / (len(covered) - 3))
# +     reach = 1.96 * np.sqrt(1.06 / len(covered))

# %% wrong one_for_1_06
# check: similarity_report-interval
# says: 1.06 is missing
# -     reach = 1.96 * np.sqrt(1.06 / (len(covered) - 3))
# +     reach = 1.96 * np.sqrt(1 / (len(covered) - 3))


# %% right by_pearson_of_ranks
def similarity_report(pairs, words, vectors):
    from scipy.stats import rankdata

    table = dict(zip(words, vectors))
    cosines, scores = [], []
    for first, second, score in pairs:
        if first in table and second in table:
            x, y = table[first], table[second]
            cosines.append(x @ y / np.sqrt((x @ x) * (y @ y)))
            scores.append(score)
    rho = np.corrcoef(rankdata(cosines), rankdata(scores))[0, 1]
    z, reach = np.arctanh(rho), 1.959964 * (1.06 / (len(scores) - 3)) ** 0.5
    low, high = np.tanh([z - reach, z + reach])
    return {"covered": len(scores), "rho": rho, "low": low, "high": high}


# %% right by_gensim
def similarity_report(pairs, words, vectors):
    from gensim.models import KeyedVectors
    from scipy.stats import norm, spearmanr

    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words, vectors.astype(np.float32))
    known = [pair for pair in pairs if pair[0] in keyed and pair[1] in keyed]
    rho, _ = spearmanr([keyed.similarity(a, b) for a, b, _ in known], [pair[2] for pair in known])
    z = norm.ppf(0.975) * np.sqrt(1.06 / (len(known) - 3))
    ends = (np.tanh(np.arctanh(rho) + side) for side in (-z, z))
    return {"rho": rho, "covered": len(known), **dict(zip(("low", "high"), ends))}


# %% vacuous perfect
def similarity_report(pairs, words, vectors):
    return {"rho": 1.0, "covered": len(pairs), "low": 1.0, "high": 1.0}


# %% vacuous knows_nothing
def similarity_report(pairs, words, vectors):
    return {"rho": 0.0, "covered": 34, "low": -0.3, "high": 0.3}

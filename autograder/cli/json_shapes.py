"""What `--json` writes: the one shape, and every key of each command with its meaning.

A file is one object. Its "assignments" is a list with an object for each assignment, also if
there is only one; what belongs to no single assignment is beside it. The reference is made from
here, and a test compares it with what the commands write.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """One key of the file.

    path: its place: "assignments[].students{}.score" is the score in the object of each student
          in the object of each assignment
    type: in JSON's words
    """

    path: str
    type: str
    meaning: str


_WAYS = 'how it is graded: "isolated", "both ways", "own process", "a person" or "broken"'
_WORD = 'what an object of the student\'s own class decides in it, such as "`==` of Vector"'
_NAME = Shape("assignments[].assignment", "string", "name of the assignment")
_NOTES = Shape(
    "assignments[].notes[]", "string", "what was repaired or could not be known, one sentence each"
)


def _checks(path: str, outcomes: str) -> tuple[Shape, ...]:
    return (
        Shape(f"{path}.checks{{}}.outcome", "string", outcomes),
        Shape(f"{path}.checks{{}}.score", "number", "points earned"),
        Shape(f"{path}.checks{{}}.max_score", "number", "points the check is worth"),
        Shape(f"{path}.checks{{}}.message", "string", "what the check says; empty if it passed"),
        Shape(f"{path}.checks{{}}.way", "string", _WAYS),
        Shape(f"{path}.checks{{}}.students_word[]", "string", _WORD),
        Shape(f"{path}.checks{{}}.seconds", "number", "how long it ran"),
    )


def _attempt(path: str) -> tuple[Shape, ...]:
    return (
        Shape(f"{path}.number", "integer", "1, 2, … in the order in which they were collected"),
        Shape(f"{path}.source", "string", '"exchange", "canvas", "moodle", …'),
        Shape(f"{path}.collected", "string", "when it was collected, ISO 8601"),
        Shape(f"{path}.time", "string or null", "when it came; null if that is not known"),
        Shape(f"{path}.rests_on", "string", "what time and lateness rest on"),
        Shape(f"{path}.when", "string", '"on time", "late", "unknown"; empty without a due date'),
        Shape(f"{path}.late_seconds", "number or null", "after the due date; null if unknown"),
        Shape(f"{path}.left_out", "string", "why it cannot count; empty if it can"),
        Shape(f"{path}.sha256", "string", "of student, assignment and files"),
    )


_OUTCOMES = (
    '"passed", "partial", "failed", "unanswered", "error", "timeout", "out of memory", "died", '
    '"missing" or "disputed"'
)
_STUDENT = "assignments[].students{}"
_GRADED = (
    _NAME,
    Shape(f"{_STUDENT}.score", "number", "points earned in the checks, by student"),
    Shape(f"{_STUDENT}.max_score", "number", "points the checks are worth"),
    *_checks(_STUDENT, f"by grade_id: {_OUTCOMES}"),
    Shape(f"{_STUDENT}.notes[]", "string", "what was repaired in the submission"),
    Shape(f"{_STUDENT}.seconds", "number", "how long grading the submission took"),
    Shape("assignments[].unchanged[]", "string", "students whose result is of an earlier run"),
    Shape("assignments[].late{}.seconds", "number", "by student: seconds after the due date"),
    Shape("assignments[].late{}.penalty", "number or null", "points taken off, null if none"),
    Shape("assignments[].written", "number", "points of written answers, which no check gives"),
    Shape("assignments[].sandbox", "boolean", "whether all code ran in the sandbox"),
    Shape(
        "assignments[].outside_sandbox[]", "string", "students whose code did not, whenever it ran"
    ),
    _NOTES,
    Shape("assignments[].seconds", "number", "how long the assignment took"),
)
_CHANGES = (
    ("written[]", "files that were written, or with --check would be; paths in course/"),
    ("removed[]", "files that were removed, or with --check would be"),
    ("kept[]", "where edited files were moved, with --force"),
)

SHAPES: dict[str, tuple[Shape, ...]] = {
    "doctor": (
        Shape("findings[].subject", "string", "what was looked at"),
        Shape("findings[].health", "string", '"good", "optional" (missing, not needed) or "bad"'),
        Shape("findings[].detail", "string", "what was found"),
        Shape("findings[].remedy", "string", "how to fix it; empty if there is nothing to fix"),
    ),
    "release": (
        _NAME,
        *(Shape(f"assignments[].{key}", "string", meaning) for key, meaning in _CHANGES),
        *(
            Shape(f"beside.{key}", "string", f"the same of no assignment: {meaning}")
            for key, meaning in _CHANGES
        ),
    ),
    "check": (
        _NAME,
        Shape("assignments[].score", "number", "points earned in the visible checks"),
        Shape("assignments[].max_score", "number", "points the visible checks are worth"),
        *_checks("assignments[]", f'by grade_id: {_OUTCOMES}; "hidden" if it was not run'),
        _NOTES,
    ),
    "submit": (
        _NAME,
        Shape("assignments[].file", "string", "the file that was sent"),
        Shape("assignments[].modified", "string", "when it was last saved, ISO 8601"),
        Shape("assignments[].submitted", "string", "when the exchange took it, ISO 8601"),
        Shape("assignments[].sha256", "string", "of the notebook that was sent"),
        Shape("assignments[].beside[]", "string", "files that were sent with it"),
        _NOTES,
    ),
    "collect": (
        _NAME,
        Shape("assignments[].source", "string", '"exchange", "canvas", "moodle", …'),
        Shape("assignments[].ids", "string", "column of the roster with the ids; empty if none"),
        Shape("assignments[].attempts[].student", "string", "id of the student"),
        Shape("assignments[].attempts[].status", "string", '"new", "same" or "left out"'),
        Shape("assignments[].attempts[].counts", "boolean", "whether it went to submitted/"),
        Shape(
            "assignments[].attempts[].when", "string",
            '"on time", "late", "unknown"; empty if there is no due date',
        ),
        Shape(
            "assignments[].attempts[].late_seconds", "number or null",
            "seconds after the due date, 0 if on time, null if unknown or without a due date",
        ),
        Shape("assignments[].attempts[].notes[]", "string", "what to know about the attempt"),
        Shape("assignments[].waiting{}", "string", "by student: why nothing could be put there"),
        Shape("assignments[].notes[]", "string", "what belongs to no student"),
    ),
    "late": (_NAME, *_attempt("assignments[].students{}")),
    "attempts": (
        _NAME,
        *_attempt("assignments[].students{}.attempts[]"),
        Shape("assignments[].students{}.counts", "integer or null", "number of the one that counts"),
        Shape("assignments[].students{}.waits", "string", "why a person has to look; empty if not"),
        Shape("assignments[].students{}.said[].number", "integer", "line of the journal"),
        Shape("assignments[].students{}.said[].at", "string", "when it was said, ISO 8601"),
        Shape("assignments[].students{}.said[].who", "string", "login name of who said it"),
        Shape("assignments[].students{}.said[].words", "string", "what was said"),
        Shape("assignments[].students{}.said[].attempt", "integer or null", "number of the attempt"),
    ),
    "students": (
        _NAME,
        Shape("assignments[].handed_in[]", "string", "who has submitted it"),
        Shape("students{}.other_ids[]", "string", "what the person was called besides"),
        Shape("students{}.first_name", "string", "by the gradebook, else by a roster"),
        Shape("students{}.last_name", "string", "likewise; the whole name if it is not known apart"),
        Shape("students{}.email", "string", "likewise"),
        Shape("students{}.seen{}", "string", 'by "SYSTEM COLUMN": what a roster had there last'),
        Shape("students{}.handed_in[]", "string", "names of assignments"),
        Shape("students{}.withdrawn", "boolean", "whether the person has left the class"),
        Shape("said[].number", "integer", "line of students.jsonl"),
        Shape("said[].at", "string", "when it was said, ISO 8601"),
        Shape("said[].who", "string", "login name of who said it"),
        Shape("said[].said", "string", '"joined", "renamed" or "withdrawn"'),
        Shape("said[].student", "string", "of whom it was said"),
        Shape("said[].into", "string", "what the person is called from then on; empty if unchanged"),
        Shape("held[]", "string", "why a row of the roster is nobody's"),
        Shape("waiting{}", "string", "why something could not be put into submitted/"),
        Shape("notes[]", "string", "what else to look at"),
    ),
    "grade": _GRADED,
    "prove": (
        _NAME,
        Shape("assignments[].solved", "boolean", "whether there is a reference solution"),
        Shape("assignments[].checks[].notebook", "string", "name of the notebook"),
        Shape("assignments[].checks[].grade_id", "string", "nbgrader's id of the check"),
        Shape("assignments[].checks[].points", "number", "points the check is worth"),
        Shape("assignments[].checks[].way", "string", _WAYS),
        Shape("assignments[].checks[].reason", "string", "why so; empty where nothing speaks against isolated"),
        Shape("assignments[].checks[].short", "number", "points that the solution does not earn"),
        Shape("assignments[].checks[].for_nothing", "number", "points that the stub earns"),
        Shape("assignments[].checks[].students_word[]", "string", _WORD),
        Shape("assignments[].certain", "boolean", "whether it is kept: nothing stopped, none broken"),
        Shape("assignments[].faults[]", "string", "cells of the course's own that fail"),
        Shape("assignments[].seconds", "number", "how long the proof took"),
        Shape("assignments[].findings[]", "string", "what is to be mended before a release; where the source is in solutions/"),
        Shape("assignments[].to_dos[]", "string", "what a scaffold left to fill in; there too"),
        Shape("assignments[].known_answers", "number", "known answers that count; there too"),
        Shape("assignments[].judged_now", "number", "those of them that ran now; there too"),
    ),
    "audit": (
        _NAME,
        Shape("assignments[].complete", "boolean", "whether every answer that has a check was audited"),
        Shape("assignments[].exercises[].notebook", "string", "name of the notebook"),
        Shape("assignments[].exercises[].answer", "string", "grade_id of the answer"),
        Shape("assignments[].exercises[].cell", "integer", "its cell in the source, from 0"),
        Shape("assignments[].exercises[].place", "string", "the same cell, as JupyterLab shows it"),
        Shape("assignments[].exercises[].known", "integer", "mutants that there are"),
        Shape("assignments[].exercises[].sampled", "boolean", "whether not all of them were tried"),
        Shape("assignments[].exercises[].mutants", "integer", "mutants tried or declared equivalent"),
        Shape("assignments[].exercises[].killed", "integer", "those that a check gives less than all"),
        Shape("assignments[].exercises[].time_limit", "integer", "those of them that did not end"),
        Shape("assignments[].exercises[].equivalent", "integer", "those declared equivalent"),
        Shape("assignments[].exercises[].survived", "integer", "those that earn every point"),
        Shape("assignments[].exercises[].universal", "integer", "universal wrong answers tried"),
        Shape("assignments[].exercises[].universal_survived", "integer", "those that earn every point"),
        Shape(
            "assignments[].exercises[].percent", "number or null",
            "mutants killed, of those not equivalent; null if there are none",
        ),
        Shape("assignments[].exercises[].killed_by{}", "integer", "by grade_id: killed there first"),
        Shape("assignments[].exercises[].refused", "string", "why it was not audited; empty if it was"),
        Shape(
            "assignments[].exercises[].verdicts[].kind", "string",
            'kind of change, such as "comparison", or "universal"',
        ),
        Shape("assignments[].exercises[].verdicts[].line", "integer", "line of the cell, from 1"),
        Shape("assignments[].exercises[].verdicts[].edit", "string", "lines `- old` and `+ new`"),
        Shape(
            "assignments[].exercises[].verdicts[].fate", "string",
            '"killed", "time limit", "equivalent" or "survived"',
        ),
        Shape("assignments[].exercises[].verdicts[].check", "string", "the first that it fails"),
        Shape("assignments[].exercises[].verdicts[].reason", "string", "why it is declared equivalent"),
        Shape("assignments[].notes[]", "string", "what could not be audited, and entries that fit none"),
        Shape("assignments[].sample", "integer or null", "mutants of a sample; null for all"),
        Shape("assignments[].seed", "integer", "seed of the samples"),
        Shape("assignments[].seconds", "number", "how long the assignment took"),
        Shape("assignments[].trying", "number", "of them, how long answers ran"),
    ),
    "merge": (
        *_GRADED,
        Shape("assignments[].missing[]", "string", "students without a result, and why"),
    ),
    "history": (
        _NAME,
        Shape("assignments[].entries[].sequence", "integer", "order of events in the gradebook"),
        Shape("assignments[].entries[].at", "string", "when, in UTC, ISO 8601"),
        Shape("assignments[].entries[].who", "string", "login name of who ran the command"),
        Shape(
            "assignments[].entries[].event", "string",
            '"graded", "invalidated", "penalty", "changed" (cells were renamed or removed), '
            '"by hand", "deadlines" or "said"',
        ),
        Shape("assignments[].entries[].assignment", "string", "its name; empty for a word on a person"),
        Shape("assignments[].entries[].student", "string", "id of the student"),
        Shape("assignments[].entries[].score", "number or null", "of the checks; null if none counts"),
        Shape("assignments[].entries[].max_score", "number or null", "points the checks are worth"),
        Shape("assignments[].entries[].penalty", "number or null", "points off for lateness"),
        Shape("assignments[].entries[].checks{}.outcome", "string", "by NOTEBOOK/GRADE_ID"),
        Shape("assignments[].entries[].checks{}.score", "number", "points earned"),
        Shape("assignments[].entries[].checks{}.max_score", "number", "points it is worth"),
        Shape("assignments[].entries[].checks{}.seconds", "number", "how long it ran"),
        Shape("assignments[].entries[].about", "string", "what a person gave or said, in words"),
        Shape(
            "assignments[].entries[].removed{}.score", "number",
            "by NOTEBOOK/GRADE_ID: points a person gave in a cell that is gone",
        ),
        Shape("assignments[].entries[].removed{}.max_score", "number", "points it was worth"),
        Shape("assignments[].entries[].removed{}.comment", "string", "a person's; empty if none"),
        Shape("assignments[].entries[].package_version", "string", "version of autograder"),
        Shape("assignments[].entries[].engine_version", "string", "version of the engine"),
        Shape("assignments[].entries[].assignment_key", "string", "sha256 of what decides scores"),
        Shape("assignments[].entries[].submission_key", "string", "sha256 of the submission"),
    ),
    "export": (
        _NAME,
        Shape("assignments[].max_score", "number", "points of the whole assignment"),
        Shape(f"{_STUDENT}.score", "number or null", "the total; null if nothing is graded"),
        Shape(f"{_STUDENT}.max_score", "number", "points of the whole assignment"),
        Shape(f"{_STUDENT}.automatic", "number", "points from the checks"),
        Shape(f"{_STUDENT}.manual", "number", "points given by a person"),
        Shape(f"{_STUDENT}.extra_credit", "number", "extra points"),
        Shape(f"{_STUDENT}.late_penalty", "number", "points off for lateness"),
        Shape(f"{_STUDENT}.late_seconds", "number or null", "after the due date; null if unknown"),
        Shape(f"{_STUDENT}.timestamp", "string or null", "when it was submitted, ISO 8601"),
        Shape(f"{_STUDENT}.waiting", "integer", "cells that still need manual grading"),
        Shape(f"{_STUDENT}.outdated", "string", "why it is not of the work that counts; or empty"),
        Shape(f"{_STUDENT}.held", "string", "why a person has to look; empty if nobody has to"),
        Shape("left_empty[]", "string", "scores left out of the file, and why"),
        Shape("not_on_roster[]", "string", "scores of students who are not on the roster"),
        Shape("notes[]", "string", "what else to look at"),
    ),
    "feedback": (
        _NAME,
        Shape("assignments[].pages[]", "string", "paths of the pages"),
        Shape("assignments[].not_graded[]", "string", "students without a page"),
    ),
    "report": (
        _NAME,
        Shape("assignments[].max_score", "number", "points of the whole assignment"),
        Shape("assignments[].scores[]", "number", "of everybody who is graded, sorted"),
        Shape("assignments[].mean", "number", "mean score"),
        Shape("assignments[].median", "number", "median score"),
        Shape("assignments[].exercises[].exercise", "string", "title of the exercise"),
        Shape("assignments[].exercises[].max_score", "number", "points of the exercise"),
        Shape("assignments[].exercises[].students", "integer", "students whose score is final there"),
        Shape("assignments[].exercises[].mean_fraction", "number or null", "mean score, 0 to 1"),
        Shape(
            "assignments[].exercises[].discrimination", "number or null",
            "correlation with the score in all other exercises, -1 to 1",
        ),
        Shape("assignments[].exercises[].full", "integer", "students with full points"),
        Shape("assignments[].exercises[].nothing", "integer", "students with no points"),
        Shape("assignments[].misconceptions[].check", "string", "grade_id of the check"),
        Shape("assignments[].misconceptions[].hidden", "boolean", "whether the check is hidden"),
        Shape("assignments[].misconceptions[].message", "string", "its message without numbers"),
        Shape("assignments[].misconceptions[].example", "string", "one message in full"),
        Shape("assignments[].misconceptions[].count", "integer", "students with this message"),
        Shape("assignments[].misconceptions[].students[]", "string", "the first hundred of them"),
        Shape("assignments[].times[].check", "string", "grade_id of the check"),
        Shape("assignments[].times[].median_seconds", "number", "median time it ran"),
        Shape("assignments[].times[].longest_seconds", "number", "longest time it ran"),
        Shape("assignments[].times[].slowest", "string", "student for whom it ran longest"),
        Shape("assignments[].waiting[].notebook", "string", "name of the notebook"),
        Shape("assignments[].waiting[].cell", "string", "grade_id that needs manual grading"),
        Shape("assignments[].waiting[].reason", "string", "why; empty for a written answer"),
        Shape("assignments[].waiting[].count", "integer", "students it concerns"),
        Shape("assignments[].waiting[].students[]", "string", "the first hundred of them"),
        Shape("assignments[].not_final", "integer", "students whose score may still change"),
        Shape("assignments[].late{}.seconds", "number", "by student: seconds after the due date"),
        Shape("assignments[].late{}.penalty", "number", "points taken off"),
        Shape("assignments[].time_unknown[]", "string", "of whom it is not known if they are late"),
        Shape("assignments[].to_look_at{}", "string", "by student: why a person has to look"),
        Shape("assignments[].ungraded[]", "string", "students who submitted and are not graded"),
    ),
    "similar": (
        _NAME,
        Shape("assignments[].students", "integer", "number of submissions"),
        Shape("assignments[].exercises[].notebook", "string", "name of the notebook"),
        Shape("assignments[].exercises[].exercise", "string", "grade_id of the answer"),
        Shape("assignments[].exercises[].answers", "integer", "answers that were compared"),
        Shape("assignments[].exercises[].average", "number or null", "mean similarity, 0 to 1"),
        Shape("assignments[].exercises[].median", "number or null", "median similarity, 0 to 1"),
        Shape("assignments[].exercises[].threshold", "number or null", "least similarity shown"),
        Shape("assignments[].exercises[].cut", "boolean", "whether there were too many pairs"),
        Shape("assignments[].exercises[].pairs[].students[]", "string", "whose answers they are"),
        Shape("assignments[].exercises[].pairs[].similarity", "number", "fraction in common"),
        Shape("assignments[].exercises[].pairs[].tokens", "integer", "tokens in common"),
        _NOTES,
    ),
}  # fmt: skip
"""By command."""

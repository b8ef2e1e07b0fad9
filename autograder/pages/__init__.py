"""What people read: pages of HTML, without a script of a student's."""

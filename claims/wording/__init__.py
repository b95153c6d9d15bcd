"""The sentences that people read, in their language and time zone. They need no database."""

from claims.wording.clauses import explanations, question
from claims.wording.findings import refusals, sentence
from claims.wording.instants import in_words
from claims.wording.titles import title

__all__ = ["explanations", "in_words", "question", "refusals", "sentence", "title"]

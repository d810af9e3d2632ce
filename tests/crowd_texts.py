"""Copies of one long template, in families that are nearer to each other than to the crowd."""

import random

WORDS = 300


def make_crowd(families, size, seed=3):
    """Give rows of id ("FAMILY.COPY") and text, shuffled: of 300 words a family has 38 of its own.

    Similarity is 0.8 and more within a family, 0.6 to 0.8 between families.
    """
    rng = random.Random(seed)

    def word():
        return "".join(rng.choice("bdfgklmnprst") + rng.choice("aeiou") for _ in range(4))

    template = [word() for _ in range(WORDS)]
    rows = []
    for family in range(families):
        original = template.copy()
        original[100:138] = [word() for _ in range(38)]
        for copy in range(size):
            text = original.copy()
            for at in rng.sample(range(WORDS), 2):
                text[at] = word()
            del text[WORDS - rng.randrange(4) :]
            rows.append({"id": f"{family:03d}.{copy}", "text": " ".join(text)})
    rng.shuffle(rows)
    return rows

import torch

from lab.starter.words import word_targets


def test_words_that_are_neither_rare_nor_everywhere():
    texts = ["Blue striped shirt", "Striped shirt with a logo", "Plain blue shirt", ""]
    targets = word_targets(texts, at_least=2, at_most=3, least_words=3)
    assert targets.vocabulary == ("blue", "striped")
    assert targets.hot.tolist() == [[1, 1], [0, 1], [1, 0], [0, 0]]
    assert targets.known.equal(torch.tensor([True, True, True, False]))

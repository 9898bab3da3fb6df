"""Owners say truly which channel a number tells of."""

from __future__ import annotations

import numpy as np
import torch

from bedside_cases import made_cohort
from stillroom.models.bedside.inputs import absent, flat
from stillroom.models.bedside.network import Form
from stillroom.train.bedside.collate import collate
from stillroom.types.cases import Head
from stillroom.validate.explain.units import channel_units, flat_owners, numbered, patch_owners, summed

FORM = Form.of(made_cohort())


def test_a_channel_owns_what_changes_with_it_and_nothing_else() -> None:
    inputs = collate(made_cohort().splits["test"]).inputs
    units = numbered(channel_units(FORM, ["series", "static"]))
    values, missing = flat_owners(FORM, ["series", "static"], units)
    for name, channels in FORM.channels.items():
        for at, channel in enumerate(channels):
            lost = inputs[name].clone()
            lost[..., at] = torch.nan
            other = {**inputs, name: lost}
            for owners, told in ((values, flat), (missing, absent)):
                before, after = told(inputs), told(other)
                same = (before == after) | (before.isnan() & after.isnan())
                assert not same[:, owners == units[channel]].all(0).any()
                assert same[:, owners != units[channel]].all()


def test_the_columns_of_a_category_are_one_unit() -> None:
    form = Form({"static": (4,)}, Head("classes", ("a", "b")), {"static": ("age", "cp=1", "cp=2", "sex")})
    units = numbered(channel_units(form, ["static"]))
    assert list(units) == ["age", "cp", "sex"]
    assert flat_owners(form, ["static"], units)[0].tolist() == [0, 1, 1, 2]


def test_inputs_without_names_are_numbered() -> None:
    form = Form({"static": (2,)}, Head("classes", ("a", "b")))
    assert channel_units(form, ["static"]) == {"static": ("static 0", "static 1")}


def test_patches_cover_a_grid_in_about_equal_parts() -> None:
    owners = patch_owners((28, 28), 7)
    assert np.bincount(owners.ravel()).tolist() == [16] * 49
    assert patch_owners((5,), 7).tolist() == [0, 1, 2, 3, 4]
    assert set(np.bincount(patch_owners((10,), 3)).tolist()) == {3, 4}


def test_sums_by_unit_keep_the_whole() -> None:
    values = np.random.default_rng(0).normal(size=(3, 4, 5))
    owners = patch_owners((4, 5), 2)
    found = summed(values, owners, 4)
    np.testing.assert_allclose(found.sum(1), values.sum((1, 2)))
    np.testing.assert_allclose(found[:, 3], values[:, 2:, 3:].sum((1, 2)))

"""Every loss, by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from stillroom.losses.adversarial import AdversarialAlignment, adversarial_alignment, check_depths
from stillroom.losses.attention.alignment import attention_alignment
from stillroom.losses.attention.divergence import attention_kl
from stillroom.losses.attention.layout import check_maps
from stillroom.losses.attention.minilm import minilm, minilm_v2
from stillroom.losses.attention.projections import check_heads, check_resplit, check_tokens
from stillroom.losses.attention.tinybert import TinyBert, check_layers, tinybert
from stillroom.losses.attention.transfer import attention_transfer, check_feature_maps
from stillroom.losses.continual import check_old_classes, check_same_classes, dark_experience, lwf
from stillroom.losses.contract import Loss
from stillroom.losses.feature.channel_wise import channel_wise
from stillroom.losses.feature.cosine import hidden_cosine
from stillroom.losses.feature.gram import gram
from stillroom.losses.feature.hidden import hidden_mse
from stillroom.losses.feature.hint import Hint, hint
from stillroom.losses.feature.intra_class import intra_class_variation
from stillroom.losses.feature.masked_generative import MaskedGenerative, masked_generative
from stillroom.losses.feature.mmd import mmd
from stillroom.losses.feature.patient import patient_kd
from stillroom.losses.feature.preconditions import (
    CLS_STATES,
    FEATURES,
    IMAGE_MAPS,
    SERIES,
    SITES,
    same_shape,
    same_sites,
)
from stillroom.losses.feature.projected_vocabulary import ProjectedVocabulary, projected_vocabulary, same_rows
from stillroom.losses.feature.prototype import prototype
from stillroom.losses.feature.review import Review, paired_stages, review
from stillroom.losses.feature.routed import RoutedFeatures, routable, routed_features
from stillroom.losses.feature.spectral import spectral_alignment
from stillroom.losses.feature.variational import Variational, variational
from stillroom.losses.relation.categorical import (
    CategoricalRelation,
    categorical_relation,
    check_same_width,
)
from stillroom.losses.relation.crd import Crd, crd
from stillroom.losses.relation.distances import rkd_angle, rkd_distance
from stillroom.losses.relation.examples import batch_of
from stillroom.losses.relation.fsp import check_channels, fsp
from stillroom.losses.relation.graph import check_graphs, graph_relation
from stillroom.losses.relation.similarity import correlation_congruence, pkt, similarity_preserving
from stillroom.losses.response.adaptive import adaptive_kl
from stillroom.losses.response.correlation import dist
from stillroom.losses.response.cross_entropy import cross_entropy
from stillroom.losses.response.decoupled import decoupled_kd, nkd
from stillroom.losses.response.divergence import forward_kl, jeffreys, reverse_kl
from stillroom.losses.response.f_divergence import alpha_divergence, total_variation
from stillroom.losses.response.logit_difference import dbild
from stillroom.losses.response.logit_distance import logit_cosine, logit_huber, logit_mse
from stillroom.losses.response.mixed import jensen_shannon, skew_forward_kl, skew_reverse_kl
from stillroom.losses.response.multi_label import multi_label_kl
from stillroom.losses.response.parity import demographic_parity, equalised_odds
from stillroom.losses.response.ranking import logistic_ranking
from stillroom.losses.response.regression import regression_kd
from stillroom.losses.response.standardized import standardized_kl
from stillroom.losses.response.survival import survival_kd
from stillroom.losses.response.universal import universal_logit
from stillroom.losses.response.vocabulary import aligned, comparable, three_classes, two_rows

LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "cross_entropy": Loss(cross_entropy, "response", "logits"),
        "forward_kl": Loss(forward_kl, "response", "logits", preconditions=(comparable,)),
        "reverse_kl": Loss(reverse_kl, "response", "logits", preconditions=(comparable,)),
        "jeffreys": Loss(jeffreys, "response", "logits", preconditions=(comparable,)),
        "jensen_shannon": Loss(jensen_shannon, "response", "logits", preconditions=(comparable,)),
        "total_variation": Loss(total_variation, "response", "logits", preconditions=(comparable,)),
        "skew_forward_kl": Loss(skew_forward_kl, "response", "logits", preconditions=(comparable,)),
        "skew_reverse_kl": Loss(skew_reverse_kl, "response", "logits", preconditions=(comparable,)),
        "adaptive_kl": Loss(adaptive_kl, "response", "logits", preconditions=(comparable,)),
        "alpha_divergence": Loss(alpha_divergence, "response", "logits", preconditions=(comparable,)),
        "logit_mse": Loss(logit_mse, "response", "logits", preconditions=(comparable,)),
        "logit_huber": Loss(logit_huber, "response", "logits", preconditions=(comparable,)),
        "logit_cosine": Loss(logit_cosine, "response", "logits", preconditions=(comparable,)),
        "logistic_ranking": Loss(logistic_ranking, "response", "logits", preconditions=(comparable,)),
        "multi_label_kl": Loss(multi_label_kl, "response", "logits", preconditions=(comparable,)),
        "decoupled_kd": Loss(decoupled_kd, "response", "logits", preconditions=(three_classes,)),
        "dist": Loss(dist, "response", "logits", per_example=False, preconditions=(two_rows,)),
        "standardized_kl": Loss(standardized_kl, "response", "logits", preconditions=(comparable,)),
        "nkd": Loss(nkd, "response", "logits", preconditions=(three_classes,)),
        "dbild": Loss(dbild, "response", "logits", preconditions=(three_classes,)),
        "universal_logit": Loss(universal_logit, "response", "logits", preconditions=(aligned,)),
        "regression_kd": Loss(regression_kd, "response", "values", preconditions=(comparable,)),
        "survival_kd": Loss(survival_kd, "response", "risks", preconditions=(comparable,)),
        "demographic_parity": Loss(
            demographic_parity, "response", "logits", per_example=False, preconditions=(two_rows,)
        ),
        "equalised_odds": Loss(
            equalised_odds, "response", "logits", per_example=False, preconditions=(two_rows,)
        ),
        "hint": Loss(hint, "feature", "hidden_states", preconditions=(FEATURES,), module=Hint),
        "hidden_mse": Loss(hidden_mse, "feature", "hidden_states", preconditions=(same_shape,)),
        "hidden_cosine": Loss(hidden_cosine, "feature", "hidden_states", preconditions=(same_shape,)),
        "patient_kd": Loss(patient_kd, "feature", "hidden_states", preconditions=(CLS_STATES, same_shape)),
        "gram": Loss(gram, "feature", "feature_maps", preconditions=(SITES, same_shape)),
        "mmd": Loss(mmd, "feature", "feature_maps", preconditions=(SITES, same_sites)),
        "variational": Loss(
            variational, "feature", "feature_maps", preconditions=(FEATURES, same_sites), module=Variational
        ),
        "review": Loss(review, "feature", "feature_maps", preconditions=(paired_stages,), module=Review),
        "routed_features": Loss(
            routed_features, "feature", "feature_maps", preconditions=(routable,), module=RoutedFeatures
        ),
        "masked_generative": Loss(
            masked_generative,
            "feature",
            "feature_maps",
            preconditions=(IMAGE_MAPS, same_sites),
            module=MaskedGenerative,
        ),
        "channel_wise": Loss(channel_wise, "feature", "feature_maps", preconditions=(SITES, same_shape)),
        "intra_class_variation": Loss(
            intra_class_variation, "feature", "feature_maps", preconditions=(SITES, same_sites)
        ),
        "prototype": Loss(prototype, "feature", "feature_maps", preconditions=(SITES, same_sites)),
        "spectral_alignment": Loss(
            spectral_alignment, "feature", "hidden_states", preconditions=(SERIES, same_shape)
        ),
        "projected_vocabulary": Loss(
            projected_vocabulary, "feature", "logits", preconditions=(same_rows,), module=ProjectedVocabulary
        ),
        "attention_transfer": Loss(
            attention_transfer, "attention", "feature_maps", preconditions=(check_feature_maps,)
        ),
        "attention_alignment": Loss(
            attention_alignment, "attention", "attentions", preconditions=(check_maps,)
        ),
        "attention_kl": Loss(attention_kl, "attention", "attentions", preconditions=(check_maps,)),
        "minilm": Loss(minilm, "attention", "projections", preconditions=(check_tokens, check_heads)),
        "minilm_v2": Loss(minilm_v2, "attention", "projections", preconditions=(check_tokens, check_resplit)),
        "tinybert": Loss(tinybert, "attention", "attentions", preconditions=(check_layers,), module=TinyBert),
        "fsp": Loss(fsp, "relation", "feature_maps", preconditions=(check_channels,)),
        "similarity_preserving": Loss(
            similarity_preserving, "relation", "embeddings", per_example=False, preconditions=(batch_of(2),)
        ),
        "rkd_distance": Loss(
            rkd_distance, "relation", "embeddings", per_example=False, preconditions=(batch_of(2),)
        ),
        "rkd_angle": Loss(
            rkd_angle, "relation", "embeddings", per_example=False, preconditions=(batch_of(3),)
        ),
        "correlation_congruence": Loss(
            correlation_congruence, "relation", "embeddings", per_example=False, preconditions=(batch_of(2),)
        ),
        "pkt": Loss(pkt, "relation", "embeddings", per_example=False, preconditions=(batch_of(3),)),
        "crd": Loss(
            crd, "relation", "embeddings", per_example=False, preconditions=(batch_of(1),), module=Crd
        ),
        "categorical_relation": Loss(
            categorical_relation,
            "relation",
            "embeddings",
            per_example=False,
            preconditions=(batch_of(2), check_same_width),
            module=CategoricalRelation,
        ),
        "graph_relation": Loss(graph_relation, "relation", "graphs", preconditions=(check_graphs,)),
        "adversarial_alignment": Loss(
            adversarial_alignment,
            "adversarial",
            "hidden_states",
            preconditions=(check_depths,),
            module=AdversarialAlignment,
        ),
        "lwf": Loss(lwf, "continual", "logits", preconditions=(check_old_classes,)),
        "dark_experience": Loss(dark_experience, "continual", "logits", preconditions=(check_same_classes,)),
    }
)


def find(name: str) -> Loss:
    """The loss of that name.

    Raises:
        KeyError: there is none; the message names the nearest.
    """
    if name in LOSSES:
        return LOSSES[name]
    near = difflib.get_close_matches(name, LOSSES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(LOSSES)}"
    raise KeyError(f"no loss is called {name!r}; {hint}")

"""Random tiny models of transformers, saved to be loaded by the real path. What they say means nothing; that they load, take
what they are given and give what is asked of them is what tests can hold them to."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

SIDE = 32  # pixels that these models look at


def quiet() -> None:
    """Keep transformers from drawing progress bars and from saying that torchvision is absent."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("transformers").setLevel(logging.ERROR)


def tiny_clip(folder: Path) -> Path:
    """Save a CLIP of 8 dimensions that reads letters."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizerFast

    quiet()
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    layers = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = CLIPConfig(
        text_config={**layers, "vocab_size": 200, "max_position_embeddings": 32, "bos_token_id": 0, "eos_token_id": 1},
        vision_config={**layers, "image_size": SIDE, "patch_size": 16},
        projection_dim=8,
    )
    CLIPModel(config).save_pretrained(folder)
    letters = [chr(code) for code in range(33, 127)]
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    (folder / "vocab.json").write_text(json.dumps({word: place for place, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizerFast(
        vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"), model_max_length=32
    )
    pixels = CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    CLIPProcessor(image_processor=pixels, tokenizer=tokenizer).save_pretrained(folder)
    return folder


def tiny_siglip(folder: Path) -> Path:
    """Save a SigLIP of 16 dimensions that reads whole words it knows."""
    import torch
    from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel, SiglipProcessor

    quiet()
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    layers = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = SiglipConfig(
        text_config={**layers, "vocab_size": 64, "max_position_embeddings": 64, "pad_token_id": 1, "eos_token_id": 1},
        vision_config={**layers, "image_size": SIDE, "patch_size": 16},
    )
    SiglipModel(config).save_pretrained(folder)
    pixels = SiglipImageProcessor(size={"height": SIDE, "width": SIDE})
    SiglipProcessor(image_processor=pixels, tokenizer=word_tokenizer()).save_pretrained(folder)
    return folder


def word_tokenizer(*more: str) -> Any:
    """A tokenizer of a few whole words, with the special ones of BERT."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"]
    known = [*special, ".", "a", "picture", "of", "the", "red", "blue", "green", "valve", "pump", "chart", *more]
    inner = Tokenizer(models.WordLevel({word: place for place, word in enumerate(known)}, unk_token="[UNK]"))
    inner.normalizer = normalizers.Lowercase()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=64,
    )


def tiny_detector(folder: Path) -> Path:
    """Save a Grounding DINO that finds five boxes in any picture."""
    import torch
    from transformers import (
        BertConfig,
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
        SwinConfig,
    )

    quiet()
    torch.manual_seed(0)
    stages = ["stage1", "stage2"]
    backbone = SwinConfig(
        image_size=SIDE, patch_size=4, embed_dim=8, depths=[1, 1], num_heads=[2, 2], window_size=4, out_features=stages
    )
    text = BertConfig(
        vocab_size=64,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    config = GroundingDinoConfig(
        backbone_config=backbone,
        text_config=text,
        num_queries=5,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        d_model=32,
        num_feature_levels=2,
        max_text_len=32,
        disable_custom_kernels=True,
    )
    GroundingDinoForObjectDetection(config).save_pretrained(folder)
    pixels = GroundingDinoImageProcessor(size={"shortest_edge": SIDE, "longest_edge": 48})
    GroundingDinoProcessor(pixels, word_tokenizer()).save_pretrained(folder)
    return folder


def tiny_segmenter(folder: Path) -> Path:
    """Save a Segment Anything model."""
    import torch
    from transformers import SamConfig, SamImageProcessor, SamModel, SamProcessor

    quiet()
    torch.manual_seed(0)
    config = SamConfig(
        vision_config={
            "hidden_size": 16,
            "output_channels": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": SIDE,
            "patch_size": 8,
            "num_pos_feats": 8,
            "mlp_dim": 32,
            "window_size": 2,
            "global_attn_indexes": [0],
        },
        prompt_encoder_config={"hidden_size": 16, "image_size": SIDE, "patch_size": 8, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": 16,
            "mlp_dim": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 16,
            "iou_head_depth": 2,
        },
    )
    SamModel(config).save_pretrained(folder)
    small = {"height": 8, "width": 8}
    pixels = SamImageProcessor(
        size={"longest_edge": SIDE},
        pad_size={"height": SIDE, "width": SIDE},
        mask_size={"longest_edge": 8},
        mask_pad_size=small,
    )
    SamProcessor(pixels).save_pretrained(folder)
    return folder

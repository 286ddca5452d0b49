using System.Text.Json.Nodes;
using CsCheck;
using Ssna.MLNet.Tokenization;
using static Ssna.MLNet.Transforms.Tests.Tokenization.TokenizerFolder;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>Random texts and vocabularies, against the rules as they were published.</summary>
[TestClass]
public sealed class TokenizerPropertyTests
{
    /// <summary>Few letters, so that pieces are found; of each kind of character that a rule names, some.</summary>
    private static readonly string[] s_characters =
    [
        .. (
            "aaabbb cdABC"
            + "  \t\n\r\v\0\u0085\u00A0\u2003\u2028\u3000"
            + "'.,-+$^`~¿«—…"
            + "éÉÅüİß\u0301\u0308\u037E한がﬁΣ"
            + "中東㐀\uF900\u30A2"
            + "0179²Ⅷ½"
            + "\u200B\u200D\uFEFF\u00AD\uE000\uFFFD\u061C"
        ).Select(character => character.ToString()),
        "\U00020000",
        "\U0002B820",
        "\U0001D518",
        "\U00010400",
        "\U0001D7D8",
        "\U0001F600",
        "\U000E0041",
        "\U000F0000",
        "'s",
        "'ll",
        "'re",
    ];

    // Half of them one of three: runs of one letter, and pairs that come again, are where merges and pieces meet.
    private static readonly Gen<string> s_character = Gen.Int[-s_characters.Length, s_characters.Length - 1]
        .Select(index => index < 0 ? s_characters[-index % 3 * 3] : s_characters[index]);
    private static readonly Gen<string> s_text = s_character.Array[0, 40].Select(string.Concat);
    private static readonly Gen<string> s_piece = s_character.Array[1, 4].Select(string.Concat);

    [TestMethod]
    public void Bert_does_what_its_rules_say() =>
        Gen.Select(s_text, s_piece.Array[0, 60], Gen.Bool, Gen.Bool, Gen.Bool)
            .Sample(
                (text, pieces, lowerCase, stripAccents, chinese) =>
                {
                    // Most pieces in the form that they are looked for, at the start of words and inside.
                    string[] words =
                    [
                        .. Special,
                        .. pieces
                            .Concat(s_characters.Take(9))
                            .Concat(pieces.Select(piece => piece.ToLowerInvariant()))
                            .SelectMany(piece => new[] { piece.Trim(), "##" + piece.Trim() })
                            .Where(piece => piece.Length > 0 && !piece.Any(c => c is '\n' or '\r'))
                            .Except(Special)
                            .Distinct(),
                    ];
                    using TokenizerFolder folder = OfWords(words);
                    folder.Write(
                        "tokenizer_config.json",
                        new JsonObject
                        {
                            ["do_lower_case"] = lowerCase,
                            ["strip_accents"] = stripAccents,
                            ["tokenize_chinese_chars"] = chinese,
                        }
                    );
                    var vocabulary = words.Index().ToDictionary(word => word.Item, word => word.Index);
                    var rules = new BertText(true, chinese, stripAccents, lowerCase);
                    int[] expected = [2, .. SlowTokenizer.Bert(text, rules, vocabulary, unknown: 1), 3];
                    CollectionAssert.AreEqual(expected, folder.Load().Encode(text, 10_000, out _));
                },
                iter: 1000
            );

    [TestMethod]
    public void Roberta_does_what_its_rules_say() =>
        Gen.Select(s_text, Pairs(), Gen.Bool)
            .Sample(
                (text, merges, prefixSpace) =>
                {
                    string[] words =
                    [
                        "<s>",
                        "</s>",
                        .. Enumerable.Range(0, 256).Select(value => SlowTokenizer.CharacterOf((byte)value)),
                        .. merges.Select(merge => merge.Left + merge.Right).Distinct(),
                    ];
                    words = [.. words.Distinct()];
                    using var folder = new TokenizerFolder();
                    folder
                        .Write("vocab.json", Vocabulary(words))
                        .Write("merges.txt", string.Concat(merges.Select(merge => $"{merge.Left} {merge.Right}\n")))
                        .Write("tokenizer_config.json", new JsonObject { ["add_prefix_space"] = prefixSpace });
                    var vocabulary = words.Index().ToDictionary(word => word.Item, word => word.Index);
                    int[] expected = [0, .. SlowTokenizer.Roberta(text, prefixSpace, vocabulary, merges), 1];
                    CollectionAssert.AreEqual(expected, folder.Load().Encode(text, 10_000, out _));
                },
                iter: 1000
            );

    [TestMethod]
    public void A_text_that_is_cut_has_the_first_ids_of_the_whole()
    {
        using TokenizerFolder bert = OfWords([.. Words, "a", "##a", "##b", "##c", "b", "'", ".", "中"]);
        bert.Write("added_tokens.json", """{"ab": 20, "é": 21}""");
        using var roberta = new TokenizerFolder();
        roberta.Write("vocab.json", Vocabulary(["<s>", "</s>", "a", "b", "c", "Ġ", "ab", "Ġa", "abc", "'"]));
        roberta.Write("merges.txt", "a b\nĠ a\nab c\n");
        roberta.Write("added_tokens.json", """{"ca": 20, "é": 21}""");
        EncoderTokenizer[] tokenizers = [bert.Load(), roberta.Load()];
        Gen.Select(s_text, Gen.Int[2, 30])
            .Sample(
                (text, most) =>
                {
                    foreach (EncoderTokenizer tokenizer in tokenizers)
                    {
                        int[] all = tokenizer.Encode(text, 10_000, out _);
                        int[] expected = all.Length <= most ? all : [.. all[..(most - 1)], all[^1]];
                        CollectionAssert.AreEqual(expected, tokenizer.Encode(text, most, out bool truncated));
                        Assert.AreEqual(all.Length > most, truncated);
                    }
                },
                iter: 2000
            );
    }

    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Merges of random neighbours of a random text, in random order: parts come before what they make, or after.</summary>
    private static Gen<List<(string Left, string Right)>> Pairs() =>
        Gen.Select(s_text, Gen.Int[0, int.MaxValue])
            .Select(
                (text, seed) =>
                {
                    var random = new Random(seed);
                    List<string> symbols =
                    [
                        .. System.Text.Encoding.UTF8.GetBytes(" aabbcab" + text).Select(SlowTokenizer.CharacterOf),
                    ];
                    var merges = new List<(string, string)>();
                    while (symbols.Count > 4)
                    {
                        int place = random.Next(symbols.Count - 1);
                        merges.Add((symbols[place], symbols[place + 1]));
                        symbols[place] += symbols[place + 1];
                        symbols.RemoveAt(place + 1);
                    }
                    if (random.Next(2) == 0)
                    {
                        (string, string)[] shuffled = [.. merges];
                        random.Shuffle(shuffled);
                        merges = [.. shuffled];
                    }
                    return merges.DistinctBy(merge => merge).ToList();
                }
            );
}

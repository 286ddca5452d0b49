using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Testing;

/// <summary>A BERT, or another family that reads word pieces, of three layers, 16 wide, with random weights and a vocabulary of a few words.</summary>
public static class TinyEncoder
{
    /// <summary>D of the encoder.</summary>
    public const int Width = 16;

    /// <summary>The layers of the encoder.</summary>
    public const int Layers = 3;

    /// <summary>The longest text that it takes, in tokens.</summary>
    public const int MaximumTokens = 24;

    /// <summary>The words that it knows; each is one token.</summary>
    public static IReadOnlyList<string> Words { get; } =
    ["red", "green", "blue", "large", "small", "round", "pan", "pot", "lid", "cup", "for", "with"];

    /// <summary>The first words of a vocabulary of word pieces, the padding token at its place.</summary>
    /// <param name="familyName">The family's name in saved models.</param>
    public static IReadOnlyList<string> SpecialTokens(string familyName) =>
        familyName == EncoderFamily.MPNet.Name
            ? ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"]
            : ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>The families' names, as rows of a test's data.</summary>
    public static IEnumerable<object[]> Families => EncoderFamily.All.Select(family => new object[] { family.Name });

    /// <summary>A small encoder of a family: 29 words, four heads.</summary>
    /// <param name="familyName">The family's name in saved models.</param>
    /// <param name="maximumTokens">The longest row that it takes.</param>
    internal static EncoderConfiguration Configuration(string familyName, int maximumTokens = 16)
    {
        EncoderFamily family = EncoderFamily.All.Single(each => each.Name == familyName);
        return new()
        {
            Family = family,
            VocabularySize = 29,
            Width = Width,
            LayerCount = Layers,
            HeadCount = 4,
            InnerWidth = 24,
            MaximumPositions = maximumTokens + family.FirstPosition(family.DefaultPadId),
            TokenTypes = family.Fields.TokenTypes is null ? 0 : 2,
            PadId = family.DefaultPadId,
        };
    }

    /// <summary>Rows of token ids for such an encoder, the first of them the longest.</summary>
    /// <param name="seed">Decides them.</param>
    /// <param name="count">How many.</param>
    /// <param name="longest">The tokens of the longest.</param>
    public static int[][] Rows(int seed, int count, int longest)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                    Enumerable
                        .Range(0, i == 0 ? longest : random.Next(1, longest + 1))
                        .Select(_ => random.Next(2, 29))
                        .ToArray()
                ),
        ];
    }

    /// <summary>Writes a model folder as the Hugging Face hub lays it out.</summary>
    /// <param name="folder">Made where it does not exist.</param>
    /// <param name="seed">Another seed is another model.</param>
    /// <param name="layers">How many layers it has.</param>
    /// <param name="familyName">The family's name in saved models.</param>
    public static void Write(string folder, int seed = 1, int layers = Layers, string familyName = "Bert")
    {
        string[] vocabulary = [.. SpecialTokens(familyName), .. Words];
        EncoderConfiguration configuration = Configuration(familyName, MaximumTokens) with
        {
            VocabularySize = vocabulary.Length,
            LayerCount = layers,
            HeadCount = 2,
            InnerWidth = 32,
        };
        using TextEncoder encoder = TextEncoder.Create(configuration, seed);
        encoder.Save(folder);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), vocabulary);
    }
}

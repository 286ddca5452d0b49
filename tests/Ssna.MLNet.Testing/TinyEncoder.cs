using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Testing;

/// <summary>A BERT of three layers, 16 wide, with random weights and a vocabulary of a few words.</summary>
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

    /// <summary>Writes a model folder as the Hugging Face hub lays it out.</summary>
    /// <param name="folder">Made where it does not exist.</param>
    /// <param name="seed">Another seed is another model.</param>
    /// <param name="layers">How many layers it has.</param>
    public static void Write(string folder, int seed = 1, int layers = Layers)
    {
        string[] vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words];
        var configuration = new EncoderConfiguration
        {
            Family = EncoderFamily.Bert,
            VocabularySize = vocabulary.Length,
            Width = Width,
            LayerCount = layers,
            HeadCount = 2,
            InnerWidth = 32,
            MaximumPositions = MaximumTokens,
            TokenTypes = 2,
        };
        using TextEncoder encoder = TextEncoder.Create(configuration, seed);
        encoder.Save(folder);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), vocabulary);
    }
}

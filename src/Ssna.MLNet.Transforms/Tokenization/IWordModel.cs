namespace Ssna.MLNet.Tokenization;

/// <summary>Makes ids of the text between added tokens. Thread-safe.</summary>
internal interface IWordModel
{
    /// <summary>The text in the form in which added tokens of that kind, and then words, are looked for.</summary>
    ReadOnlyMemory<char> Normalize(ReadOnlyMemory<char> text);

    /// <summary>Appends the ids of a normalised text, word by word, until there are enough.</summary>
    /// <param name="text">A normalised text, or a stretch of one.</param>
    /// <param name="ids">Appended to.</param>
    /// <param name="enough">No further word is read once there are this many ids.</param>
    void Append(ReadOnlySpan<char> text, List<int> ids, int enough);
}

namespace Ssna.MLNet.Tokenization;

/// <summary>A token that is looked for in a text as it stands, before the text is cut into words.</summary>
/// <param name="Text">What is looked for.</param>
/// <param name="Id">Its token id.</param>
internal sealed record AddedToken(string Text, int Id)
{
    /// <summary>Whether it counts only where no letter, digit or the like stands beside it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether the whitespace before it belongs to it.</summary>
    public bool LeftStrip { get; init; }

    /// <summary>Whether the whitespace behind it belongs to it.</summary>
    public bool RightStrip { get; init; }

    /// <summary>Whether it has a part of its own, such as [MASK], and is no word.</summary>
    public bool Special { get; init; }

    /// <summary>Whether it is looked for in the normalised text and normalised itself: case may not matter then.</summary>
    public bool Normalized { get; init; }
}

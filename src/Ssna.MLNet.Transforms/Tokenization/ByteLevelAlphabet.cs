namespace Ssna.MLNet.Tokenization;

/// <summary>GPT-2's way to write bytes as visible characters, in which byte-level vocabularies are written.</summary>
internal static class ByteLevelAlphabet
{
    /// <summary>The character of each byte.</summary>
    public static IReadOnlyList<char> Characters { get; } = Make();

    // A byte that is a visible character of Latin-1 stands for itself, the others follow each other from U+0100 on.
    private static char[] Make()
    {
        var characters = new char[256];
        int next = 256;
        for (int value = 0; value < characters.Length; value++)
        {
            bool visible = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            characters[value] = (char)(visible ? value : next++);
        }
        return characters;
    }
}

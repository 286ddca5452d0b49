using QuickStart.Sample.Shop;

namespace QuickStart.Sample.Encoder;

/// <summary>Some tokens of a few texts are hidden from the encoder, which has to guess them.</summary>
/// <param name="Rows">The token ids as the encoder gets to see them.</param>
/// <param name="Positions">The hidden tokens: row and place of each.</param>
/// <param name="Targets">What stands there in truth.</param>
internal sealed record Masking(int[][] Rows, List<(int Row, int Place)> Positions, List<long> Targets)
{
    /// <summary>Twice BERT's share: the texts are short.</summary>
    private const double Share = 0.3;

    /// <summary>Hides tokens as BERT does: mostly behind [MASK], some behind another token, some not at all.</summary>
    public static Masking Draw(IReadOnlyList<int[]> texts, int maskId, int vocabularySize, SampleRandom random)
    {
        var masking = new Masking([.. texts.Select(text => (int[])text.Clone())], [], []);
        for (var row = 0; row < texts.Count; row++)
        {
            // The first and the last token are [CLS] and [SEP].
            for (var place = 1; place < texts[row].Length - 1; place++)
            {
                if (random.NextDouble() >= Share)
                {
                    continue;
                }

                masking.Positions.Add((row, place));
                masking.Targets.Add(texts[row][place]);
                masking.Rows[row][place] = random.NextDouble() switch
                {
                    < 0.8 => maskId,
                    < 0.9 => random.NextInt(vocabularySize),
                    _ => texts[row][place],
                };
            }
        }

        return masking;
    }
}

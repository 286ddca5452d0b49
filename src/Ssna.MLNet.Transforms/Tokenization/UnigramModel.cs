using System.Globalization;
using System.Text;

namespace Ssna.MLNet.Tokenization;

/// <summary>Cuts each word into the pieces whose scores add up to most: SentencePiece's Unigram model, by Viterbi's algorithm.</summary>
/// <remarks>
/// Kudo 2018, <i>Subword Regularization</i>. As Hugging Face's tokenizers compute it: scores are doubles; a code point that is no
/// piece by itself may be unknown, at the lowest score less 10; what is unknown in a row is one token; of equal sums the first found,
/// from the left and from the shortest, stays.
/// </remarks>
internal sealed class UnigramModel : IWordModel
{
    private const double UnknownPenalty = 10;

    private readonly UnigramRules _rules;
    private readonly PieceTable _pieces;
    private readonly double _unknownScore;

    public UnigramModel(UnigramRules rules)
    {
        _rules = rules;
        _pieces = new PieceTable(rules.Vocabulary);
        _unknownScore = rules.Scores.Min() - UnknownPenalty;
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<char> Normalize(ReadOnlyMemory<char> text) => _rules.Text.Normalize(text.Span).AsMemory();

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<char> text, List<int> ids, int enough)
    {
        foreach (string word in _rules.Text.Words(text))
        {
            if (ids.Count >= enough)
            {
                return;
            }
            AppendWord(word, ids);
        }
    }

    private void AppendWord(string word, List<int> ids)
    {
        // The best way to each place: its score, the piece that ends there, and where that starts; -1 where there is none yet.
        var best = new (double Score, int Id, int Start)[word.Length + 1];
        Array.Fill(best, (0, 0, -1));
        for (int start = 0; start < word.Length; )
        {
            double score = best[start].Score;
            Rune.DecodeFromUtf16(word.AsSpan(start), out _, out int letter);
            bool isPiece = false;
            foreach ((int length, int id) in _pieces.StartsOf(word.AsMemory(start)))
            {
                Offer(start + length, score + _rules.Scores[id], id);
                isPiece |= length == letter;
            }
            if (!isPiece)
            {
                Offer(start + letter, score + _unknownScore, _rules.Unknown);
            }
            start += letter;

            void Offer(int end, double sum, int id)
            {
                if (best[end].Start < 0 || sum > best[end].Score)
                {
                    best[end] = (sum, id, start);
                }
            }
        }
        AppendPath(word, best, ids);
    }

    private void AppendPath(string word, (double Score, int Id, int Start)[] best, List<int> ids)
    {
        int first = ids.Count;
        for (int end = word.Length; end > 0; )
        {
            (_, int id, int start) = best[end];
            if (id == _rules.Unknown)
            {
                while (start > 0 && best[start].Id == _rules.Unknown)
                {
                    start = best[start].Start;
                }
                // Unknown code points may be a piece together.
                id = _pieces.IdOf(word.AsSpan(start, end - start)) ?? id;
            }
            ids.Add(id);
            end = start;
        }
        ids.Reverse(first, ids.Count - first);
    }
}

namespace Ssna.MLNet.Tokenization;

/// <summary>How words become pieces.</summary>
internal enum WordModelKind
{
    /// <summary>BERT, DistilBERT, MPNet.</summary>
    WordPiece,

    /// <summary>Byte-level byte-pair encoding: RoBERTa.</summary>
    BytePair,

    /// <summary>SentencePiece's Unigram model: XLM-RoBERTa's tokenizer.</summary>
    Unigram,
}

/// <summary>What messages call the kinds.</summary>
internal static class WordModelKinds
{
    /// <summary>The name of a kind.</summary>
    public static string Describe(this WordModelKind kind) =>
        kind switch
        {
            WordModelKind.WordPiece => "WordPiece",
            WordModelKind.BytePair => "byte-level BPE",
            _ => "Unigram",
        };
}

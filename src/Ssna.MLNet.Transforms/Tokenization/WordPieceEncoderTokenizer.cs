using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Ssna.MLNet.Tokenization;

/// <summary>BERT's WordPiece: the words that <see cref="BertText"/> finds, each cut into the longest known pieces.</summary>
internal sealed class WordPieceEncoderTokenizer : EncoderTokenizer
{
    private const string Unknown = "[UNK]";
    private static readonly string[] SpecialTokens = ["[PAD]", Unknown, "[CLS]", "[SEP]", "[MASK]"];

    private readonly BertText _text;
    private readonly WordPieceTokenizer _pieces;

    public WordPieceEncoderTokenizer(TokenizerFiles files)
        : this(files, ReadVocabulary(files)) { }

    private WordPieceEncoderTokenizer(TokenizerFiles files, IReadOnlyDictionary<string, int> vocabulary)
        : base(files, vocabulary, SpecialTokens, first: "[CLS]", last: "[SEP]", pad: "[PAD]")
    {
        // Hugging Face's defaults: lower case, and accents stripped exactly where lower case is asked for.
        bool lowerCase = files.Flag("do_lower_case") ?? true;
        _text = new BertText(
            lowerCase,
            stripAccents: files.Flag("strip_accents") ?? lowerCase,
            separateChinese: files.Flag("tokenize_chinese_chars") ?? true
        );
        using var stream = new MemoryStream(files.Contents[TokenizerFiles.WordPieceVocabulary], writable: false);
        _pieces = WordPieceTokenizer.Create(
            stream,
            // BertTokenizer drops symbols such as '+' that stand alone, and relies on the system's Unicode data; the words
            // are cut beforehand, and only spaces are left to cut at.
            new WordPieceOptions
            {
                UnknownToken = Unknown,
                PreTokenizer = new RegexPreTokenizer(new Regex("[^ ]+"), null),
            }
        );
    }

    protected override void AppendIds(ReadOnlyMemory<char> text, List<int> ids) =>
        ids.AddRange(_pieces.EncodeToIds(_text.Words(text.Span), considerNormalization: false));

    private static Dictionary<string, int> ReadVocabulary(TokenizerFiles files)
    {
        var vocabulary = new Dictionary<string, int>();
        using var reader = new StreamReader(
            new MemoryStream(files.Contents[TokenizerFiles.WordPieceVocabulary], writable: false),
            Encoding.UTF8
        );
        for (int id = 0; reader.ReadLine() is { } token; id++)
        {
            if (!vocabulary.TryAdd(token, id))
            {
                throw new InvalidDataException(
                    $"{files.VocabularySource}: the token '{token}' stands in line {vocabulary[token] + 1} and in line {id + 1}."
                );
            }
        }
        return vocabulary;
    }
}

using Ssna.MLNet.Fuzz.Mutations;

namespace Ssna.MLNet.Fuzz.Formats;

/// <summary>A kind of file, or of files in a folder, that the library reads.</summary>
/// <param name="name">What the command and the table call it.</param>
internal abstract class Format(string name) : IDisposable
{
    public string Name => name;

    /// <summary>Whether checksums tell every damage, so that a damaged file is never read as another one.</summary>
    public virtual bool Sealed => false;

    /// <summary>Words other than the files' names that say enough in a message: entries and columns.</summary>
    public virtual IReadOnlyList<string> Named => [];

    /// <summary>Writes sound files.</summary>
    public abstract void Write(string folder);

    /// <summary>Which of the files are changed.</summary>
    public virtual bool IsChanged(string file) => true;

    /// <summary>Changes one file.</summary>
    public virtual Mutation Mutate(string file, byte[] content, Random random) => Mutation.Of(file, content, random);

    /// <summary>Reads the files as a user does, and says all that depends on them.</summary>
    public abstract string Read(string folder);

    /// <summary>The exceptions that the documentation names for them.</summary>
    public virtual bool IsDocumented(Exception error) => error is InvalidDataException or FileNotFoundException;

    public virtual void Dispose() { }

    /// <summary>All formats, each made when it is asked for.</summary>
    public static IReadOnlyList<Format> All { get; } =
    [
        new EncoderFolder("config", EncoderFolder.Bert, "config.json"),
        new EncoderFolder("wordpiece", EncoderFolder.Bert, "vocab.txt", "tokenizer_config.json", "added_tokens.json"),
        new EncoderFolder(
            "bpe",
            EncoderFolder.Roberta,
            "vocab.json",
            "merges.txt",
            "tokenizer_config.json",
            "added_tokens.json"
        ),
        new EncoderFolder("tokenizer.json", EncoderFolder.WithTokenizerJson, "tokenizer.json"),
        new EncoderFolder("safetensors", EncoderFolder.Bert, "model.safetensors"),
        new EncoderFolder("shards", EncoderFolder.Sharded, "model.safetensors.index.json", "1.safetensors"),
        new AdapterFolder("adapter", adaptive: false),
        new AdapterFolder("adaptive-adapter", adaptive: true),
        new LayersZip(),
        new ModelZip(),
        new CacheRecords(),
        new SearchTrials(),
        new InteractionsTable(),
        new ItemsTable(),
    ];
}

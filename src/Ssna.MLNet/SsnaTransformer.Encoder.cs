using Microsoft.ML.Runtime;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Tokenization;

namespace Microsoft.ML.Trainers.Recommender;

public sealed partial class SsnaTransformer
{
    /// <summary>
    /// Writes the low-rank matrices that were trained in the layout of Hugging Face's PEFT: <c>adapter_config.json</c> and
    /// <c>adapter_model.safetensors</c>. The linear layer behind the encoder has no place in it.
    /// </summary>
    /// <param name="folder">Made where it does not exist; those two files are replaced.</param>
    /// <remarks>
    /// Both files are complete before the first of them takes its name: where the disk is full, or the process is killed while they
    /// are written, those that were there stay. Killed in the moment of the exchange, the folder lacks <c>adapter_config.json</c>
    /// and is refused; files of two adapters never stand beside each other.
    /// </remarks>
    /// <exception cref="IOException">The files cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    /// <exception cref="InvalidOperationException">The model was trained with neither LoRA nor AdaLoRA.</exception>
    public void SaveAdapter(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using Lifetime.Use use = _memory.Begin();
        if (_catalogue.Model.Items is not LowRankEncoder encoder)
        {
            throw _host.Except(
                "Expected a model trained with ItemAdaptation.LoRA or AdaLoRA: this one has no adapter."
            );
        }
        PeftFolder.Write(folder, encoder);
    }

    /// <summary>
    /// Writes the text encoder as training has left it, low-rank matrices merged into its weights, in the layout of the Hugging
    /// Face hub and with its tokenizer, in the files that it came in and as a <c>tokenizer.json</c>: a folder that
    /// <c>ExtractEncoderLayers</c> reads too.
    /// </summary>
    /// <param name="folder">
    /// Made where it does not exist. An encoder's files there are replaced, and those of its tokenizer that this one does not
    /// have are deleted: of <c>tokenizer.json</c>, <c>vocab.txt</c>, <c>vocab.json</c>, <c>merges.txt</c>,
    /// <c>tokenizer_config.json</c>, <c>added_tokens.json</c> and <c>special_tokens_map.json</c>.
    /// </param>
    /// <remarks>
    /// All files are complete before the first of them takes its name: where the disk is full, or the process is killed while they
    /// are written, those that were there stay. Killed in the moment of the exchange, the folder lacks <c>config.json</c> and is
    /// refused; files of two encoders never stand beside each other.
    /// </remarks>
    /// <exception cref="IOException">The files cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    /// <exception cref="InvalidOperationException">The model was trained without its encoder.</exception>
    public void SaveEncoder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using Lifetime.Use use = _memory.Begin();
        if (_catalogue.Model.Items is not TextItemEncoder encoder || _settings.Inputs is not TextInputs inputs)
        {
            throw _host.Except(
                "Expected a model trained with ItemAdaptation.LoRA, AdaLoRA or FullFineTuning: this one has no encoder of its own."
            );
        }
        using TextEncoder merged = encoder.Merge();
        IReadOnlyDictionary<string, byte[]> files = inputs.Files.WithWhole();
        IEnumerable<(string, Action<FileStream>)> tokenizer = files.Select(file =>
            (file.Key, (Action<FileStream>)(stream => stream.Write(file.Value)))
        );
        // What another encoder left would be read beside this one's files, or instead of them.
        IEnumerable<string> obsolete = TokenizerFiles.Names.Except(files.Keys);
        WholeFile.WriteTogether(folder, [.. tokenizer, .. merged.Files], obsolete);
    }
}

using Microsoft.ML.Transforms;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Features;
using Ssna.MLNet.Hub;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Tokenization;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>
    /// What the methods that train inside a text encoder have in common: the CLS vector of its top layer, and one linear layer,
    /// make an item's embedding. Items need a text and no features.
    /// </summary>
    /// <remarks>
    /// Every step runs the encoder forward and backward over the texts of its items, so that only the in-batch loss is
    /// practical. <see cref="SsnaTrainer.Options.Paper"/> has the paper's settings. A saved model holds the whole encoder.
    /// Where <see cref="TrainingOptions.Precision"/> is or means a 16-bit type, the encoder's matrices are kept in it: training,
    /// and an encoder saved by itself, start from the pretrained weights rounded to it. Float32 keeps them as they are.
    /// </remarks>
    public abstract class TrainedEncoder : ItemAdaptation
    {
        private readonly NamedModel _encoder = new(HubFiles.Encoder);

        private protected TrainedEncoder() { }

        /// <summary>
        /// The folder of the pretrained encoder, as the Hugging Face hub lays it out, or its id there, as <c>owner/name</c> or
        /// <c>owner/name@revision</c>: BERT, RoBERTa, DistilBERT or MPNet. A folder that is there wins; a model of the hub is
        /// fetched when training begins, and its settings are checked then. Required.
        /// </summary>
        public string Encoder = "";

        /// <summary>How models that are named by their ids are fetched. Default null: as the environment says.</summary>
        public ModelHub? Hub;

        /// <summary>The column of <see cref="SsnaTrainer.Options.Items"/> with the item's text. Default "Text".</summary>
        public string TextColumnName = "Text";

        /// <summary>
        /// The most tokens of a text, special ones included; longer texts are cut. Default null: as many as the encoder takes,
        /// or the <c>model_max_length</c> of its tokenizer_config.json where that is less.
        /// </summary>
        public int? MaximumTokens;

        /// <summary>
        /// Whether what lies between a text and its CLS vector is computed a second time on the way back, instead of being kept
        /// until then: a third more work, for much less memory. Default false.
        /// </summary>
        public bool ActivationCheckpointing;

        internal sealed override bool NeedsInBatchLoss => true;

        internal override void Check()
        {
            OptionsChecks.Require(
                Directory.Exists(Encoder) || NamedModel.IsRemote(Encoder),
                $"'{Encoder}'",
                "Adaptation.Encoder",
                $"the folder of a pretrained encoder, or {HubModel.Syntax}"
            );
            OptionsChecks.Require(
                !string.IsNullOrEmpty(TextColumnName),
                TextColumnName,
                "Adaptation.TextColumnName",
                "a column name"
            );
            if (!IsRemote)
            {
                CheckModels();
            }
        }

        internal sealed override void Prepare(RunContext context)
        {
            if (IsRemote)
            {
                Fetch(context);
                CheckModels();
            }
        }

        /// <summary>Whether the settings name a model of the hub.</summary>
        private protected virtual bool IsRemote => NamedModel.IsRemote(Encoder);

        /// <summary>Brings the models that the settings name to this machine.</summary>
        private protected virtual void Fetch(RunContext context) => _ = _encoder.Folder(Encoder, Hub, context);

        private string EncoderFolder => _encoder.Folder(Encoder, Hub);

        private void CheckModels()
        {
            EncoderConfiguration encoder = EncoderConfiguration.Load(EncoderFolder);
            OptionsChecks.Require(
                MaximumTokens is null || (MaximumTokens >= 2 && MaximumTokens <= encoder.MaximumTokens),
                MaximumTokens,
                "Adaptation.MaximumTokens",
                $"from 2 to {encoder.MaximumTokens}, which the encoder takes"
            );
            string? fault = EncoderTokenizer.Load(EncoderFolder).FaultWith(encoder.VocabularySize);
            OptionsChecks.Require(
                fault is null,
                fault,
                "Adaptation.Encoder",
                $"a tokenizer of as many tokens as the vocabulary of the encoder in '{Encoder}'"
            );
            CheckMethod(encoder);
        }

        /// <summary>Checks the method's own settings.</summary>
        private protected abstract void CheckMethod(EncoderConfiguration encoder);

        internal override IEnumerable<string> Remarks =>
            EncoderTokenizer.Load(EncoderFolder).RemarkOn(EncoderConfiguration.Load(EncoderFolder).VocabularySize)
                is { } remark
                ? [remark]
                : [];

        internal override IEnumerable<(string Setting, byte[] Hash)> Folders =>
            [(nameof(Encoder), EncoderModel.HashOf(EncoderFolder))];

        internal sealed override ItemInputs Inputs()
        {
            var files = TokenizerFiles.Read(EncoderFolder);
            int tokens = Math.Min(
                EncoderConfiguration.Load(EncoderFolder).MaximumTokens,
                EncoderTokenizer.Create(files).MaximumTokens ?? int.MaxValue
            );
            return new TextInputs(TextColumnName, MaximumTokens ?? tokens, files.Contents);
        }

        internal sealed override ItemEncoder Create(ItemEncoderPlan plan)
        {
            TextEncoder pretrained = TextEncoder.Load(EncoderFolder, plan.Device, plan.Precision);
            try
            {
                return Create(plan, pretrained);
            }
            catch
            {
                pretrained.Dispose();
                throw;
            }
        }

        /// <summary>The method's encoder.</summary>
        /// <param name="plan">What it is made from.</param>
        /// <param name="pretrained">The encoder to start from; taken over.</param>
        private protected abstract TextItemEncoder Create(ItemEncoderPlan plan, TextEncoder pretrained);
    }

    /// <summary>What LoRA and AdaLoRA have in common.</summary>
    public abstract class LowRank : TrainedEncoder
    {
        private readonly NamedModel _adapter = new(PeftFolder.Files);

        private protected LowRank() { }

        /// <summary>What the low-rank matrices' product is multiplied by, times their rank. Default 8.</summary>
        public float Alpha = 8;

        /// <summary>Dropout on what the low-rank matrices are applied to. Default 0.1.</summary>
        public float Dropout = 0.1f;

        /// <summary>The linear maps, of every layer, that get low-rank matrices. Default query and value.</summary>
        public EncoderProjections TargetProjections = EncoderProjections.Query | EncoderProjections.Value;

        /// <summary>
        /// A folder in the layout of Hugging Face's PEFT (<c>adapter_config.json</c> and <c>adapter_model.safetensors</c>), of
        /// the same kind, rank, alpha and projections, to start from, or an adapter's id on the hub, as for
        /// <see cref="TrainedEncoder.Encoder"/>; null starts anew. Default null.
        /// </summary>
        public string? InitialAdapter;

        internal sealed override (string Option, string Value)? OtherStart =>
            InitialAdapter is null ? null : ("Adaptation.InitialAdapter", InitialAdapter);

        private protected sealed override void CheckMethod(EncoderConfiguration encoder)
        {
            OptionsChecks.Positive(Alpha, "Adaptation.Alpha");
            OptionsChecks.Share(Dropout, "Adaptation.Dropout");
            LowRankEncoderShape.CheckTargets(TargetProjections, "Adaptation.TargetProjections");
            CheckRanks();
            int most = Math.Min(encoder.Width, encoder.InnerWidth);
            OptionsChecks.Require(
                FirstRank <= most,
                FirstRank,
                this is AdaLoRA ? "Adaptation.InitialRank" : "Adaptation.Rank",
                $"at most {most}, the rank of the encoder's own matrices"
            );
            if (AdapterFolder is { } adapter)
            {
                PeftConfiguration.Load(adapter).Check(adapter, this is AdaLoRA, FirstRank, Alpha);
            }
        }

        internal sealed override void Check()
        {
            OptionsChecks.Require(
                InitialAdapter is null || Directory.Exists(InitialAdapter) || NamedModel.IsRemote(InitialAdapter),
                $"'{InitialAdapter}'",
                "Adaptation.InitialAdapter",
                $"the folder of an adapter, or {HubModel.Syntax}, or null"
            );
            base.Check();
        }

        private protected sealed override bool IsRemote =>
            base.IsRemote || (InitialAdapter is not null && NamedModel.IsRemote(InitialAdapter));

        private protected sealed override void Fetch(RunContext context)
        {
            base.Fetch(context);
            if (InitialAdapter is not null)
            {
                _ = _adapter.Folder(InitialAdapter, Hub, context);
            }
        }

        private string? AdapterFolder => InitialAdapter is null ? null : _adapter.Folder(InitialAdapter, Hub);

        internal sealed override IEnumerable<string> Remarks =>
            AdapterRemark() is { } remark ? base.Remarks.Append(remark) : base.Remarks;

        internal sealed override IEnumerable<(string Setting, byte[] Hash)> Folders =>
            AdapterFolder is { } adapter
                ? base.Folders.Append((nameof(InitialAdapter), PeftFolder.HashOf(adapter)))
                : base.Folders;

        private string? AdapterRemark()
        {
            string? trainedOn = AdapterFolder is { } adapter ? PeftConfiguration.Load(adapter).BaseModel : null;
            return trainedOn is null or "" || LastName(trainedOn) == LastName(HubModel.Parse(Encoder)?.Id ?? Encoder)
                ? null
                : $"The adapter '{InitialAdapter}' says that it was trained on '{trainedOn}'; it is used with '{Encoder}', "
                    + "which has the shapes that it needs.";

            static string LastName(string path) => path.TrimEnd('/', '\\').Split('/', '\\')[^1];
        }

        private protected abstract void CheckRanks();

        private protected abstract int FirstRank { get; }

        private protected EncoderTraining Training(TextEncoder pretrained) =>
            new(pretrained, ActivationCheckpointing, AdapterFolder);
    }
}

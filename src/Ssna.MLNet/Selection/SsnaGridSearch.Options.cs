namespace Microsoft.ML.Trainers.Recommender;

public sealed partial class SsnaGridSearch
{
    /// <summary>Settings of <see cref="SsnaGridSearch"/>.</summary>
    public sealed class Options
    {
        /// <summary>
        /// The settings that all trials share, by default the trainer's; with a StartFrom, every trial starts from that model.
        /// Progress is told of every trial's epochs; CancellationToken stops the search within one batch, and
        /// KeepBestOnCancellation says whether a search that is cancelled once trials are running then returns the best of the
        /// finished ones; MaximumTime and MaximumEpochs are a trial's.
        /// </summary>
        public SsnaTrainer.Options Trainer = new();

        /// <summary>
        /// What varies; every combination of values is a point. The last axis changes fastest: let one that changes Items or
        /// ItemPipeline come first, as items are read again wherever those change. Default none: one point.
        /// </summary>
        public IReadOnlyList<SsnaSearchAxis> Axes = [];

        /// <summary>How many points are drawn at random and tried, or null for all of them. Default null.</summary>
        public int? SampleSize;

        /// <summary>
        /// The seed of that sample; null takes the MLContext's, or 1. A larger sample of the same seed begins with the smaller one.
        /// </summary>
        public int? SampleSeed;

        /// <summary>
        /// A folder to keep finished trials and the best model in, or null. Trials that are there already are not run again.
        /// It belongs to one search: the same sequences, axes (values may be added) and settings of <see cref="Trainer"/>;
        /// and to one process at a time, which holds a file in it.
        /// Items and features are not compared. TopK, ExcludeHistory and the device may change: a model that is read from the
        /// folder takes those of the present options. Default null.
        /// </summary>
        public string? Folder;

        /// <summary>Time after which no further trial starts, or null; one trial is always run. Default null.</summary>
        public TimeSpan? MaximumTime;

        /// <summary>Told of every trial that has been run; null, the default, for nobody.</summary>
        public IProgress<SsnaSearchProgress>? Progress;

        internal Options Clone()
        {
            var clone = (Options)MemberwiseClone();
            clone.Trainer = Trainer?.Clone()!; // nulls are refused by name
            clone.Axes = Axes is null ? null! : [.. Axes];
            return clone;
        }
    }
}

using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Scoring;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>What a training run leaves behind.</summary>
/// <param name="Model">The best model found, without gradients; the caller's to dispose.</param>
/// <param name="Repeats">What is added to the scores of items that a user has taken, or null for nothing.</param>
/// <param name="Epochs">Every finished epoch.</param>
/// <param name="BestEpoch">The epoch that <paramref name="Model"/> comes from, from 1.</param>
/// <param name="Cancelled">Whether the run was stopped before its end.</param>
/// <param name="Embeddings">The items' embeddings, where the item encoder was frozen: (I, d); the caller's to dispose.</param>
internal sealed record SsnaTrainingResult(
    SsnaModel Model,
    Repeats? Repeats,
    IReadOnlyList<SsnaTrainingProgress> Epochs,
    int BestEpoch,
    bool Cancelled,
    Tensor? Embeddings
);

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Model;

namespace Ssna.MLNet.Training;

/// <summary>The trained model that a training starts from.</summary>
/// <param name="Model">The model; read, and never changed.</param>
/// <param name="Rows">For each item of the catalogue, the index that it had in the catalogue that the model was trained on, or -1.</param>
internal sealed record StartingModel(SsnaModel Model, int[] Rows)
{
    /// <summary>The learning rate, where the options leave it open: a third of a new model's, as the weights are near a good place.</summary>
    public const float LearningRate = 3e-4f;

    /// <summary>The learning rate, where the options leave it open.</summary>
    /// <param name="start">What the training starts from, or null.</param>
    public static float RateOf(StartingModel? start) => start is null ? 1e-3f : LearningRate;

    /// <summary>How many items of the catalogue the model was trained on.</summary>
    public int KnownItems => Rows.Count(row => row >= 0);

    /// <summary>Gives a model that was made for the present catalogue what this one has learned.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">Decides what is drawn for items that are new.</param>
    /// <param name="frozen">What will not be trained.</param>
    /// <exception cref="InvalidOperationException">They differ in architecture, or an item would have no embedding.</exception>
    public void CopyTo(SsnaModel model, int seed, FrozenPart frozen)
    {
        if (ArchitectureDifference.Of(model.Shape, Model.Shape) is { } difference)
        {
            throw new InvalidOperationException(
                $"Option StartFrom: expected a model of the architecture that the options ask for, found another. {difference}."
            );
        }
        if (model.Items.Table is { Alone: true } && frozen == FrozenPart.ItemEncoder && KnownItems < Rows.Length)
        {
            throw new InvalidOperationException(
                $"Option FrozenPart ItemEncoder: expected items that the model of StartFrom was trained on, found "
                    + $"{Rows.Length - KnownItems} of {Rows.Length} that are new: known by their ids alone, they would keep "
                    + "random embeddings."
            );
        }
        model.StartFrom(Model, Rows, seed);
    }

    /// <summary>What tells it from other starts.</summary>
    public string Hash() =>
        Convert.ToHexStringLower(
            SHA256.HashData([
                .. Convert.FromHexString(SafetensorsWriter.WriteHashed(Stream.Null, [.. Model.Tensors])),
                .. MemoryMarshal.AsBytes<int>(Rows),
            ])
        )[..16];
}

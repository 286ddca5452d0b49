using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Sequences;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

public sealed partial class SsnaTrainingTests
{
    [TestMethod]
    public void Sequences_without_a_second_item_are_refused()
    {
        var lonely = new SequenceSet([1, 2, 3], [0, 1, 2, 3]);
        using Tensor features = CircleShop.Features();
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Runs.Train(Brief(1), features, lonely, new ValidationCases(new SequenceSet([], [0]), []))
        );
        StringAssert.Contains(error.Message, "none of the 3 sequences");
    }

    [TestMethod]
    public void A_loss_that_is_no_number_any_more_is_an_error()
    {
        SsnaTrainer.Options options = Brief(5);
        options.LearningRate = float.PositiveInfinity;
        var error = Assert.ThrowsExactly<TrainingDivergedException>(() => Train(options));
        StringAssert.Contains(error.Message, "LearningRate");
    }

    [TestMethod]
    public void A_model_whose_scores_are_no_numbers_is_an_error_and_not_a_model_without_validation()
    {
        SsnaTrainer.Options options = Brief(1);
        (options.BatchSize, options.WeightAverageDecay) = (100_000, 0);
        options.LearningRate = 1e30f; // the loss is summed before the only step, which ruins the weights
        var error = Assert.ThrowsExactly<TrainingDivergedException>(() => Train(options));
        StringAssert.Contains(error.Message, "scores after epoch 1");
    }

    [TestMethod]
    public void One_user_alone_is_refused_where_negatives_are_other_users_targets()
    {
        SsnaTrainer.Options options = Brief(1);
        options.Loss = new TrainingLoss.InBatch();
        using Tensor features = CircleShop.Features();
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Runs.Train(
                options,
                features,
                new SequenceSet([1, 2, 3], [0, 3]),
                new ValidationCases(new SequenceSet([], [0]), [])
            )
        );
        StringAssert.Contains(error.Message, "Loss InBatch: expected two users");
    }
}

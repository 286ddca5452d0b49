using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Mpi;

/// <summary>Whole trainings by several processes.</summary>
[TestClass]
public sealed class MpiTrainingTests
{
    private const string OpenMpi = "mpirun.openmpi";
    private const string Mpich = "mpiexec.mpich";

    // What one process that nothing started as a rank makes of it.
    private static readonly Lazy<float[]> s_one = new(() =>
    {
        using var folder = new TemporaryFolder();
        MpiRun.Result result = MpiRun.RunAlone("train", folder["model.zip"]);
        Assert.AreEqual(0, result.ExitCode, result.Errors);
        Assert.Contains(" 0 calls", result.Lines.Single());
        return Embeddings(folder["model.zip"]);
    });

    [TestMethod]
    [DataRow(OpenMpi)]
    [DataRow(Mpich)]
    public void Ranks_end_with_one_model_which_is_one_processs_up_to_rounding(string launcher)
    {
        using var folder = new TemporaryFolder();
        float[] one = s_one.Value;
        foreach (int ranks in (int[])[2, 3])
        {
            float[] several = Train(launcher, ranks, folder[$"{ranks}.zip"]);
            double difference = Math.Sqrt(one.Zip(several, (a, b) => (double)(a - b) * (a - b)).Sum());
            double norm = Math.Sqrt(one.Sum(value => (double)value * value));
            Assert.IsLessThan(1e-3 * norm, difference, $"{ranks} ranks");
        }
    }

    [TestMethod]
    public void Ranks_that_were_given_unlike_trainings_are_refused_by_what_differs()
    {
        using var folder = new TemporaryFolder();
        MpiRun.Result result = MpiRun.Run(OpenMpi, 2, "unlike", folder["model.zip"]);
        Assert.AreEqual(0, result.ExitCode, result.Errors);
        foreach (string line in result.Lines)
        {
            Assert.Contains("Seed is 4 on rank 1 and 3 on rank 0", line);
        }
        Assert.HasCount(2, result.Lines);
    }

    [TestMethod]
    [DataRow(OpenMpi)]
    [DataRow(Mpich)]
    public void One_rank_that_is_cancelled_cancels_all(string launcher)
    {
        using var folder = new TemporaryFolder();
        MpiRun.Result result = MpiRun.Run(launcher, 3, "cancel", folder["model.zip"]);
        Assert.AreEqual(0, result.ExitCode, result.Errors);
        Assert.HasCount(3, result.Lines, result.Errors);
        Assert.IsTrue(result.Lines.All(line => line.EndsWith("cancelled", StringComparison.Ordinal)), result.Errors);
    }

    [TestMethod]
    [DataRow(OpenMpi, "error", "Rank 1 on ", "something happened to this rank alone")]
    [DataRow(Mpich, "error", "Rank 1 on ", "something happened to this rank alone")]
    [DataRow(OpenMpi, "stop", "nothing was heard of rank 1", "")]
    [DataRow(Mpich, "stop", "nothing was heard of rank 1", "")]
    [DataRow(OpenMpi, "leave", "it waits for rank 1, which has ended", "")]
    [DataRow(OpenMpi, "kill", "signal 9", "")]
    [DataRow(Mpich, "kill", "", "")]
    public void A_rank_that_is_lost_ends_the_job_and_the_next_one_goes_on_with_another_number(
        string launcher,
        string kind,
        string said,
        string saidToo
    )
    {
        using var folder = new TemporaryFolder();
        string checkpoints = folder["checkpoints"];
        MpiRun.Result lost = MpiRun.Run(launcher, 2, kind, folder["model.zip"], checkpoints);
        Assert.AreNotEqual(0, lost.ExitCode, lost.Errors);
        Assert.Contains(said, lost.Errors);
        Assert.Contains(saidToo, lost.Errors);
        Assert.IsFalse(File.Exists(folder["model.zip"]));

        MpiRun.Result next = MpiRun.Run(launcher, 3, "train", folder["model.zip"], checkpoints);
        Assert.AreEqual(0, next.ExitCode, next.Errors);
        float[] several = Embeddings(folder["model.zip"]);
        float[] whole = s_one.Value;
        double difference = Math.Sqrt(whole.Zip(several, (a, b) => (double)(a - b) * (a - b)).Sum());
        Assert.IsLessThan(1e-3 * Math.Sqrt(whole.Sum(value => (double)value * value)), difference);
    }

    private static float[] Train(string launcher, int ranks, string path)
    {
        MpiRun.Result result = MpiRun.Run(launcher, ranks, "train", path);
        Assert.AreEqual(0, result.ExitCode, result.Errors);
        Assert.HasCount(ranks, result.Lines, result.Errors);
        string[] hashes = [.. result.Lines.Select(line => line.Split(' ')[5])];
        Assert.IsTrue(hashes.All(hash => hash == hashes[0]), string.Join('\n', result.Lines));
        return Embeddings(path);
    }

    private static float[] Embeddings(string path)
    {
        var mlContext = new MLContext();
        using var model = (SsnaTransformer)mlContext.Model.Load(path, out _);
        return [.. model.GetItemEmbeddings().GetColumn<float[]>("Embedding").SelectMany(row => row)];
    }
}

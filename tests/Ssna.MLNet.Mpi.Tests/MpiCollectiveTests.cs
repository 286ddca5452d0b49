using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Mpi;

[TestClass]
public sealed class MpiCollectiveTests
{
    [TestMethod]
    public void A_process_that_no_launcher_started_is_alone_and_needs_no_library()
    {
        MpiCollective collective = MpiCollective.FromEnvironment();
        Assert.AreEqual(0, collective.Rank);
        Assert.AreEqual(1, collective.Size);
        Assert.IsNull(collective.Library);
        Assert.AreSame(collective, MpiCollective.FromEnvironment());
        Assert.ThrowsExactly<InvalidOperationException>(() => collective.Sum([1f]));
    }

    [TestMethod]
    public void A_silence_that_a_busy_machine_may_keep_is_refused()
    {
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            MpiCollective.FromEnvironment(TimeSpan.FromSeconds(1))
        );
        Assert.Contains("5 seconds", error.Message);
    }

    [TestMethod]
    [DataRow(MpiLauncher.None)]
    [DataRow(MpiLauncher.OpenMpi, "OMPI_COMM_WORLD_SIZE", "PMIX_RANK")]
    [DataRow(MpiLauncher.Mpich, "PMI_SIZE", "PMI_RANK")]
    [DataRow(MpiLauncher.Either, "PMI_RANK", "SLURM_PROCID")]
    [DataRow(MpiLauncher.Either, "PMIX_RANK", "SLURM_PROCID")]
    [DataRow(MpiLauncher.None, "SLURM_PROCID")]
    public void Launchers_are_known_by_their_variables(object launcher, params string[] variables) =>
        Assert.AreEqual(launcher, MpiLaunchers.Find(name => variables.Contains(name) ? "0" : null));

    [TestMethod]
    public void The_local_rank_is_the_launchers()
    {
        Assert.AreEqual(3, MpiLaunchers.LocalRank(name => name == "SLURM_LOCALID" ? "3" : null));
        Assert.IsNull(MpiLaunchers.LocalRank(_ => null));
    }

    [TestMethod]
    [DataRow("mpirun.openmpi", 2)]
    [DataRow("mpirun.openmpi", 3)]
    [DataRow("mpiexec.mpich", 2)]
    [DataRow("mpiexec.mpich", 3)]
    public void Ranks_exchange_numbers(string launcher, int ranks)
    {
        MpiRun.Result result = MpiRun.Run(launcher, ranks, "exchange");
        Assert.AreEqual(0, result.ExitCode, result.Errors);
        Assert.HasCount(ranks, result.Lines, result.Errors);
        int sum = ranks * (ranks - 1) / 2;
        string gathered = string.Join(
            ' ',
            Enumerable.Range(0, ranks).SelectMany(rank => Enumerable.Repeat(rank, rank + 1))
        );
        string what =
            $"caught a null reference, sums {sum} {ranks} {ranks * 0.5f} and {sum} {ranks * 1e300}, gathered {gathered}, broadcast {ranks - 1} {ranks - 1}";
        foreach (string line in result.Lines)
        {
            Assert.Contains(what, line);
            Assert.Contains("4 calls", line);
        }
        Assert.Contains($"Rank 0 of {ranks} on ", result.Errors);
        Assert.Contains(launcher.EndsWith("openmpi", StringComparison.Ordinal) ? "Open MPI" : "MPICH", result.Errors);
    }
}

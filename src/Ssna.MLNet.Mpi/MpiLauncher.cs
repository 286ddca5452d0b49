using System.Globalization;

namespace Ssna.MLNet.Mpi;

/// <summary>What has started this process, by the variables that it sets.</summary>
internal enum MpiLauncher
{
    /// <summary>Nothing that starts ranks.</summary>
    None,

    /// <summary>Open MPI's mpirun.</summary>
    OpenMpi,

    /// <summary>MPICH's mpiexec, Hydra, and what is built from it.</summary>
    Mpich,

    /// <summary>One that serves both, such as Slurm's srun.</summary>
    Either,
}

internal static class MpiLaunchers
{
    private static readonly string[] s_localRanks =
    [
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "MPI_LOCALRANKID",
        "SLURM_LOCALID",
        "PMIX_LOCAL_RANK",
    ];

    /// <summary>Looks for the variables of mpirun, mpiexec and srun.</summary>
    /// <param name="variable">The value of a variable, or null.</param>
    public static MpiLauncher Find(Func<string, string?> variable)
    {
        if (variable("OMPI_COMM_WORLD_SIZE") is not null)
        {
            return MpiLauncher.OpenMpi;
        }
        if (variable("PMIX_RANK") is not null)
        {
            return MpiLauncher.Either;
        }
        if (variable("PMI_SIZE") is null && variable("PMI_RANK") is null)
        {
            return MpiLauncher.None;
        }
        // Slurm's PMI-2 is spoken by Open MPI too, where it is built for it.
        return variable("SLURM_PROCID") is not null ? MpiLauncher.Either : MpiLauncher.Mpich;
    }

    /// <summary>The place of this process among those of its machine, as launchers tell it; null where none does.</summary>
    /// <param name="variable">The value of a variable, or null.</param>
    public static int? LocalRank(Func<string, string?> variable) =>
        s_localRanks
            .Select(variable)
            .Where(value => value is not null)
            .Select(value => (int?)int.Parse(value!, CultureInfo.InvariantCulture))
            .FirstOrDefault();
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>What a process that knows nothing of this one makes of a saved model.</summary>
internal static class NewProcess
{
    /// <summary>Leaves the test undecided where the program of the new process is not there.</summary>
    public static void RequireBuilt()
    {
        if (!File.Exists(Path.Combine(FreshProcess.Folder, "Ssna.MLNet.FreshProcess.dll")))
        {
            Assert.Inconclusive("tests/Ssna.MLNet.FreshProcess is not built.");
        }
    }

    /// <summary>Saves a model and users of the ring shop; a new process scores them to the last bit as this one does.</summary>
    public static void AssertScoresEqually(MLContext context, SsnaTransformer model)
    {
        RequireBuilt();
        using var folder = new TemporaryFolder();
        IDataView users = RingShop.TrainingUsers<string>(context, 20);
        context.Model.Save(model, users.Schema, folder["model.zip"]);
        using (FileStream file = File.Create(folder["users.idv"]))
        {
            context.Data.SaveAsBinary(users, file);
        }
        float[][] elsewhere = FreshProcess.Transform(folder["model.zip"], folder["users.idv"], "Score");
        float[][] here = [.. model.Transform(users).GetColumn<float[]>("Score")];
        Assert.HasCount(here.Length, elsewhere);
        for (int i = 0; i < here.Length; i++)
        {
            CollectionAssert.AreEqual(here[i], elsewhere[i]);
        }
    }
}

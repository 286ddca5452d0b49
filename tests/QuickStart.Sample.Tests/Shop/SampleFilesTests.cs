using QuickStart.Sample.Shop;

namespace QuickStart.Sample.Tests.Shop;

[TestClass]
public sealed class SampleFilesTests
{
    [TestMethod]
    [DataRow(SampleFiles.Items)]
    [DataRow(SampleFiles.Interactions)]
    public void The_committed_sample_is_what_the_generator_makes(string file)
    {
        var made = Directory.CreateTempSubdirectory("quickstart-sample");
        try
        {
            SampleFiles.Write(made.FullName);

            CollectionAssert.AreEqual(
                File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "sample", file)),
                File.ReadAllBytes(Path.Combine(made.FullName, file)),
                $"make {file} again: dotnet run -c Release --project tools/QuickStart.Sample -- shop"
            );
        }
        finally
        {
            made.Delete(recursive: true);
        }
    }
}

using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Runtime;

[TestClass]
public sealed class WholeFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Two_writers_of_one_file_in_one_process_do_not_meet()
    {
        string path = _folder["file"];
        WholeFile.Write(
            path,
            outer =>
            {
                outer.WriteByte(1);
                WholeFile.Write(path, inner => inner.Write([2, 2, 2]));
                CollectionAssert.AreEqual(new byte[] { 2, 2, 2 }, File.ReadAllBytes(path));
                outer.WriteByte(1);
            }
        );
        CollectionAssert.AreEqual(new byte[] { 1, 1 }, File.ReadAllBytes(path));
        Assert.HasCount(1, Directory.GetFiles(_folder.Path));
    }

    [TestMethod]
    public void A_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it()
    {
        File.WriteAllText(_folder["file"], "before");
        Assert.ThrowsExactly<InvalidDataException>(() =>
            WholeFile.Write(
                _folder["file"],
                file =>
                {
                    file.WriteByte(1);
                    throw new InvalidDataException();
                }
            )
        );
        Assert.AreEqual("before", File.ReadAllText(_folder["file"]));
        Assert.HasCount(1, Directory.GetFiles(_folder.Path));
    }

    [TestMethod]
    public void What_a_killed_writer_left_long_ago_is_deleted_and_what_may_still_be_written_is_not()
    {
        File.WriteAllText(_folder["file.old.partial"], "");
        File.SetLastWriteTimeUtc(_folder["file.old.partial"], DateTime.UtcNow.AddDays(-2));
        File.WriteAllText(_folder["file.new.partial"], "");
        File.WriteAllText(_folder["other.old.partial"], "");
        File.SetLastWriteTimeUtc(_folder["other.old.partial"], DateTime.UtcNow.AddDays(-2));
        WholeFile.Write(_folder["file"], file => file.WriteByte(1));
        CollectionAssert.AreEquivalent(
            new[] { "file", "file.new.partial", "other.old.partial" },
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).ToArray()
        );
    }
}

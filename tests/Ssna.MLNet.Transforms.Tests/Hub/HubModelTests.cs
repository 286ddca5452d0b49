using Ssna.MLNet.Hub;

namespace Ssna.MLNet.Transforms.Tests.Hub;

[TestClass]
public sealed class HubModelTests
{
    [TestMethod]
    [DataRow("distilbert-base-uncased", "distilbert-base-uncased", "main")]
    [DataRow("prajjwal1/bert-medium", "prajjwal1/bert-medium", "main")]
    [DataRow("prajjwal1/bert-medium@refs/pr/1", "prajjwal1/bert-medium", "refs/pr/1")]
    [DataRow("sentence-transformers/all-MiniLM-L6-v2@v2.0", "sentence-transformers/all-MiniLM-L6-v2", "v2.0")]
    [DataRow("a/b@0123456789abcdef0123456789abcdef01234567", "a/b", "0123456789abcdef0123456789abcdef01234567")]
    [DataRow("_a/b.c_d", "_a/b.c_d", "main")]
    public void An_id_may_have_a_revision_behind_it(string text, string id, string revision) =>
        Assert.AreEqual(new HubModel(id, revision), HubModel.Parse(text));

    [TestMethod]
    [DataRow("")]
    [DataRow("encoder")] // a word alone means a folder
    [DataRow("./encoder")]
    [DataRow("../a/b")]
    [DataRow("/models/encoder")]
    [DataRow("models/mini/encoder")]
    [DataRow("models\\mini-encoder")]
    [DataRow("C:\\a-b")]
    [DataRow("~/a-b")]
    [DataRow("a--b/c")]
    [DataRow("a/b..c")]
    [DataRow("a/.b")]
    [DataRow("a/b-")]
    [DataRow("-a/b")]
    [DataRow("a/b.git")]
    [DataRow("a/b c")]
    [DataRow("a/b@")]
    [DataRow("a/b@..")]
    [DataRow("a/b@x/../../y")]
    [DataRow("a/b@/x")]
    [DataRow("a/b@x/")]
    [DataRow("a/b@x//y")]
    [DataRow("a/b@x/.y")]
    [DataRow("a/b@x\\y")]
    [DataRow("a/b@x@y")]
    [DataRow("a/b@x\n")]
    [DataRow("a/b\n")]
    public void What_is_none_and_what_would_leave_the_cache_is_no_id(string text) =>
        Assert.IsNull(HubModel.Parse(text));
}

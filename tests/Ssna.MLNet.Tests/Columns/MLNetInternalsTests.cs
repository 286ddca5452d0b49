using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Columns;

[TestClass]
public sealed class MLNetInternalsTests
{
    [TestMethod]
    public void Every_member_of_MLNet_that_we_call_is_where_we_call_it() =>
        InternalsCheck.AllMembersExist(typeof(SsnaTrainer).Assembly);
}

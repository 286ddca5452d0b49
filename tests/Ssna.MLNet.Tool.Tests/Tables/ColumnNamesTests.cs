using Ssna.MLNet.Testing;
using Ssna.MLNet.Tool.Tables;

namespace Ssna.MLNet.Tool.Tests.Tables;

[TestClass]
public sealed class ColumnNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("user_id,item_id,timestamp", 0, 1, 2)]
    [DataRow("userId,movieId,rating,timestamp", 0, 1, 3)]
    [DataRow("Order Date,Customer ID,SKU", 1, 2, 0)]
    [DataRow("session_id,user_id,product,date", 1, 2, 3)]
    [DataRow("reviewerID,asin,unixReviewTime", 0, 1, 2)]
    [DataRow("visitor,article,time", 0, 1, 2)]
    public void Usual_names_of_interactions_are_found(string header, int user, int item, int time)
    {
        TableFile table = Table(header);
        Assert.AreEqual(user, ColumnNames.User(table, null));
        Assert.AreEqual(item, ColumnNames.Item(table, null));
        Assert.AreEqual(time, ColumnNames.Time(table, null));
    }

    [TestMethod]
    [DataRow("id,text", 0, 1)]
    [DataRow("text,title,item_id", 2, 0)]
    [DataRow("id,product_id,description,Product Name,price,brand", 1, 3, 5, 2)]
    [DataRow("movieId,title,genres", 0, 1, 2)]
    public void Usual_names_of_items_are_found_and_texts_stand_in_their_order(string header, int id, params int[] text)
    {
        TableFile table = Table(header);
        Assert.AreEqual(id, ColumnNames.Id(table, null));
        CollectionAssert.AreEqual(text, ColumnNames.Text(table, []));
    }

    [TestMethod]
    public void A_name_that_is_given_counts_in_its_own_spelling_first()
    {
        TableFile table = Table("User,user,buyer,Item");
        Assert.AreEqual(2, ColumnNames.User(table, "buyer"));
        Assert.AreEqual(1, ColumnNames.User(table, "user"));
        Assert.AreEqual(3, ColumnNames.Item(table, "ITEM"));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => ColumnNames.User(table, "USER")).Message,
            "several among"
        );
        CollectionAssert.AreEqual(new[] { 3, 0 }, ColumnNames.Text(table, ["Item", "User"]));
    }

    [TestMethod]
    public void What_is_not_there_is_named_with_what_is_and_with_the_option()
    {
        TableFile table = Table("who,what,when");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => ColumnNames.User(table, null));
        Assert.AreEqual(
            $"'{table.Path}': expected a column with the user, called user, userid, customer, customerid or the like, found "
                + "'who', 'what', 'when'; --user-column names another.",
            error.Message
        );
        error = Assert.ThrowsExactly<InvalidDataException>(() => ColumnNames.Time(table, "moment"));
        Assert.AreEqual(
            $"'{table.Path}': --time-column asks for a column 'moment', found none among 'who', 'what', 'when'.",
            error.Message
        );
    }

    private TableFile Table(string header)
    {
        File.WriteAllText(_folder["a.csv"], header + "\n");
        return TableFile.Open(_folder["a.csv"]);
    }
}

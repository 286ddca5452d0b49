using Microsoft.ML;
using Microsoft.ML.Data;
using QuickStart.Sample.Shop;

namespace QuickStart;

/// <summary>
/// What the recommender is compared with. Each gives the test customers' rows a score for every article, in the columns that
/// a trained model gives, so that one evaluation measures them all.
/// </summary>
internal sealed class Baselines(MLContext mlContext, Shop shop)
{
    /// <summary>How often each article was bought.</summary>
    public IDataView MostPopular()
    {
        var purchases = Purchases();
        return Score((_, scores) => purchases.CopyTo(scores));
    }

    /// <summary>How often each article was bought right after the customer's last one; the more popular first among equals.</summary>
    public IDataView FollowersOfLast()
    {
        var followers = new float[shop.Items.Length, shop.Items.Length];
        foreach (var customer in shop.TrainCustomers)
        {
            foreach (var (item, next) in customer.Sequence.Zip(customer.Sequence.Skip(1)))
            {
                followers[shop.Indexes[item], shop.Indexes[next]]++;
            }
        }

        var purchases = Purchases();
        var most = 1 + purchases.Max();
        return Score(
            (history, scores) =>
            {
                for (var item = 0; item < scores.Length; item++)
                {
                    scores[item] = followers[history[^1], item] + purchases[item] / most;
                }
            }
        );
    }

    /// <summary>The probability of each article by the rule that the sample was drawn from.</summary>
    public IDataView OwnRule()
    {
        var sample = SampleFiles.Shop();
        var rule = new ShoppingRule(sample);
        var probabilities = new double[sample.Products.Count];
        return Score(
            (history, scores) =>
            {
                rule.NextPurchase([.. history.Select(item => sample.IndexOf(shop.Items[item].Item))], probabilities);
                foreach (var product in sample.Products)
                {
                    scores[shop.Indexes[product.Id]] = (float)probabilities[product.Index];
                }
            }
        );
    }

    private sealed class ScoredCustomer
    {
        public string[] Sequence { get; set; } = [];

        public string Label { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    private float[] Purchases()
    {
        var purchases = new float[shop.Items.Length];
        foreach (var item in shop.TrainCustomers.SelectMany(customer => customer.Sequence))
        {
            purchases[shop.Indexes[item]]++;
        }

        return purchases;
    }

    private IDataView Score(Action<int[], float[]> scorer)
    {
        var schema = SchemaDefinition.Create(typeof(ScoredCustomer));
        var score = schema[nameof(ScoredCustomer.Score)];
        score.ColumnType = new VectorDataViewType(NumberDataViewType.Single, shop.Items.Length);
        score.AddAnnotation(
            "SlotNames",
            new VBuffer<ReadOnlyMemory<char>>(shop.Items.Length, [.. shop.Items.Select(item => item.Item.AsMemory())]),
            new VectorDataViewType(TextDataViewType.Instance, shop.Items.Length)
        );
        return mlContext.Data.LoadFromEnumerable(shop.TestCustomers.Select(Scored), schema);

        ScoredCustomer Scored(TestCustomer customer)
        {
            var scores = new float[shop.Items.Length];
            scorer([.. customer.Sequence.Select(item => shop.Indexes[item])], scores);
            return new ScoredCustomer
            {
                Sequence = customer.Sequence,
                Label = customer.Label,
                Score = scores,
            };
        }
    }
}

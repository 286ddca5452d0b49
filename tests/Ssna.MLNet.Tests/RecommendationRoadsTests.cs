using BesideMicrosoftRecommender;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace BesideMicrosoftRecommender
{
    /// <summary>
    /// Stands for the extension of the same name and shape in Microsoft.ML.Recommender: on an MLContext itself, to a catalog
    /// with trainers. Imported by a using directive beside ours, it takes part in overload resolution just as that one does.
    /// </summary>
    internal static class RecommenderCatalog
    {
        public static RankingCatalog Recommendation(this MLContext context) => context.Ranking;
    }
}

namespace Ssna.MLNet.Tests
{
    [TestClass]
    public class RecommendationRoadsTests
    {
        [TestMethod]
        public void Beside_Microsofts_package_its_catalog_is_taken_and_ours_extends_it()
        {
            RankingCatalog catalog = new MLContext(1).Recommendation();
            SsnaTrainer trainer = catalog.Trainers.Ssna(Items());
            Assert.IsNotNull(trainer);
            AssertEvaluates(catalog);
        }

        [TestMethod]
        public void Without_Microsofts_package_our_catalog_is_taken()
        {
            // Only the one extension takes an environment, as only the one is there without that package.
            Microsoft.ML.Runtime.IHostEnvironment environment = new MLContext(1);
            SequenceRecommendationCatalog catalog = environment.Recommendation();
            SsnaTrainer trainer = catalog.Trainers.Ssna(Items());
            Assert.IsNotNull(trainer);
            AssertEvaluates(catalog);
        }

        private static void AssertEvaluates(TrainCatalogBase catalog)
        {
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                catalog.EvaluateRanking(new MLContext(1).Data.LoadFromEnumerable([new Row()]))
            );
            StringAssert.Contains(error.Message, "'Score'");
        }

        private static IDataView Items() => new MLContext(1).Data.LoadFromEnumerable([new Item()]);

        private sealed class Item
        {
            [ColumnName("Item")]
            public int Id { get; set; }

            [VectorType(4, 8)]
            public float[] Layers { get; set; } = new float[32];
        }

        private sealed class Row
        {
            public float Label { get; set; }
        }
    }
}

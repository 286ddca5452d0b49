using BesideMicrosoftRecommender;
using Microsoft.ML;
using Microsoft.ML.Data;
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
            AssertEvaluates(catalog);
        }

        [TestMethod]
        public void Without_Microsofts_package_our_catalog_is_taken()
        {
            // Only the one extension takes an environment, as only the one is there without that package.
            Microsoft.ML.Runtime.IHostEnvironment environment = new MLContext(1);
            SequenceRecommendationCatalog catalog = environment.Recommendation();
            TrainCatalogBase.CatalogInstantiatorBase trainers = catalog.Trainers;
            Assert.IsNotNull(trainers);
            AssertEvaluates(catalog);
        }

        private static void AssertEvaluates(TrainCatalogBase catalog)
        {
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                catalog.EvaluateRanking(new MLContext(1).Data.LoadFromEnumerable([new Row()]))
            );
            StringAssert.Contains(error.Message, "'Score'");
        }

        private sealed class Row
        {
            public float Label { get; set; }
        }
    }
}

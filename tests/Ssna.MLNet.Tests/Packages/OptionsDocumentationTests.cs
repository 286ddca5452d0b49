using System.Reflection;
using System.Xml.Linq;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;

namespace Ssna.MLNet.Tests.Packages;

/// <summary>The XML documentation beside the libraries, which the API reference is made of.</summary>
[TestClass]
public sealed class OptionsDocumentationTests
{
    [TestMethod]
    [DataRow(typeof(EncoderLayersEstimator))]
    [DataRow(typeof(SsnaTrainer))]
    public void Every_option_says_what_it_is_when_nobody_sets_it(Type ofLibrary)
    {
        Dictionary<string, string> documentation = XDocument
            .Load(Path.ChangeExtension(ofLibrary.Assembly.Location, ".xml"))
            .Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, member => member.ToString());
        FieldInfo[] options =
        [
            .. ofLibrary
                .Assembly.GetExportedTypes()
                .SelectMany(type =>
                    type.GetFields(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                )
                .Where(field => !field.IsInitOnly && !field.IsSpecialName),
        ];
        Assert.IsNotEmpty(options);
        string[] silent =
        [
            .. options
                .Select(field => $"F:{field.DeclaringType!.FullName!.Replace('+', '.')}.{field.Name}")
                .Where(name => !SaysWhat(documentation[name])),
        ];
        Assert.IsEmpty(silent, string.Join(", ", silent));
    }

    private static bool SaysWhat(string documentation) =>
        ((string[])["default", "null", "required"]).Any(word =>
            documentation.Contains(word, StringComparison.OrdinalIgnoreCase)
        );
}

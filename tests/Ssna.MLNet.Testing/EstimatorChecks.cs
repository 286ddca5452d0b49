using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Ssna.MLNet.Testing;

/// <summary>
/// What every estimator of the project must pass, in the spirit of TestEstimatorCore in ML.NET's own tests: the schema
/// promised is the schema delivered, a saved and loaded transformer gives equal schemas and values, and bad input is
/// refused by Fit, GetOutputSchema and Transform, before and after loading.
/// </summary>
public static class EstimatorChecks
{
    /// <summary>Runs all checks; fails with the first that does not hold.</summary>
    /// <param name="context">Where models are saved and loaded.</param>
    /// <param name="estimator">The estimator under test; it is fitted once.</param>
    /// <param name="valid">Data that it can be fitted on and applied to.</param>
    /// <param name="invalid">Data that neither it nor its transformer accepts, with the words that the message must hold.</param>
    public static void Run(
        MLContext context,
        IEstimator<ITransformer> estimator,
        IDataView valid,
        params (IDataView Data, string[] Message)[] invalid
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(valid);
        ArgumentNullException.ThrowIfNull(invalid);
        SchemaShape promised = estimator.GetOutputSchema(SchemaShape.Create(valid.Schema));
        foreach ((IDataView data, string[] message) in invalid)
        {
            IsRefused("GetOutputSchema", () => estimator.GetOutputSchema(SchemaShape.Create(data.Schema)), message);
            IsRefused("Fit", () => estimator.Fit(data), message);
        }

        ITransformer transformer = estimator.Fit(valid);
        using (transformer as IDisposable)
        {
            ITransformer loaded = SaveAndLoad(context, transformer, valid.Schema, out DataViewSchema loadedInput);
            using (loaded as IDisposable)
            {
                SameSchemas(valid.Schema, loadedInput, "the input schema in the zip");
                DataViewSchema delivered = transformer.GetOutputSchema(valid.Schema);
                SameShapes(promised, SchemaShape.Create(delivered));
                SameSchemas(delivered, loaded.GetOutputSchema(valid.Schema), "the loaded transformer's schema");
                Assert.IsTrue(transformer.IsRowToRowMapper);
                IRowToRowMapper mapper = transformer.GetRowToRowMapper(valid.Schema);
                Assert.AreSame(valid.Schema, mapper.InputSchema, "the mapper is bound to the schema given");
                SameSchemas(delivered, mapper.OutputSchema, "the mapper's schema");

                IDataView output = transformer.Transform(valid);
                SameSchemas(delivered, output.Schema, "the schema of the transformed data");
                IReadOnlyList<string> values = DataViews.Lines(output);
                Assert.IsNotEmpty(values, "the valid data has no rows");
                CollectionAssert.AreEqual(
                    values.ToArray(),
                    DataViews.Lines(loaded.Transform(valid)).ToArray(),
                    "the loaded transformer's values"
                );
                foreach ((IDataView data, string[] message) in invalid)
                {
                    IsRefused(
                        "the transformer's GetOutputSchema",
                        () => transformer.GetOutputSchema(data.Schema),
                        message
                    );
                    IsRefused("Transform", () => transformer.Transform(data), message);
                    IsRefused("the loaded GetOutputSchema", () => loaded.GetOutputSchema(data.Schema), message);
                    IsRefused("the loaded Transform", () => loaded.Transform(data), message);
                }
            }
        }
    }

    /// <summary>The transformer as it comes back from a .zip in memory.</summary>
    public static ITransformer SaveAndLoad(
        MLContext context,
        ITransformer transformer,
        DataViewSchema schema,
        out DataViewSchema loadedSchema
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        using var zip = new MemoryStream();
        context.Model.Save(transformer, schema, zip);
        zip.Position = 0;
        return context.Model.Load(zip, out loadedSchema);
    }

    private static void IsRefused(string what, Action action, string[] message)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or InvalidOperationException)
        {
            Assert.IsTrue(error.IsMarked(), $"{what}: the exception is not ML.NET's own kind: {error}");
            foreach (string word in message)
            {
                StringAssert.Contains(error.Message, word, $"{what}: the message does not name '{word}'.");
            }
            return;
        }
        Assert.Fail($"{what} accepts invalid data.");
    }

    private static void SameShapes(SchemaShape promised, SchemaShape delivered)
    {
        string[] names = [.. promised.Select(column => column.Name).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(
            names,
            delivered.Select(column => column.Name).Order(StringComparer.Ordinal).ToArray(),
            "the columns promised and delivered"
        );
        foreach (string name in names)
        {
            SchemaShape.Column promise = promised.Single(column => column.Name == name);
            SchemaShape.Column delivery = delivered.Single(column => column.Name == name);
            Assert.IsTrue(
                delivery.IsCompatibleWith(promise),
                $"Column '{name}' is delivered as {delivery.GetTypeString()} with annotations that were not promised, or not "
                    + $"as promised: {promise.GetTypeString()}."
            );
            Assert.IsTrue(
                promise.IsCompatibleWith(delivery),
                $"Column '{name}' was promised as {promise.GetTypeString()} with annotations that are not delivered."
            );
        }
    }

    private static void SameSchemas(DataViewSchema expected, DataViewSchema actual, string what) =>
        CollectionAssert.AreEqual(expected.Select(Describe).ToArray(), actual.Select(Describe).ToArray(), what);

    private static string Describe(DataViewSchema.Column column) =>
        $"{column.Name}: {column.Type}{(column.IsHidden ? ", hidden" : "")} "
        + string.Join(
            "; ",
            column.Annotations.Schema.Select(annotation => $"{annotation.Name}={Value(column.Annotations, annotation)}")
        );

    private static string Value(DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        using var row = AnnotationUtils.AnnotationsAsRow(annotations);
        return DataViews.Value(row, annotation)();
    }
}

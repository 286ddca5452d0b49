using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Evaluation;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Columns;

/// <summary>The columns that a transformer adds, as the trainer promises them and as the transformer delivers them.</summary>
internal static class RecommendationColumns
{
    /// <summary>The indexes of the columns among those added.</summary>
    public const int Score = 0,
        Items = 1,
        Scores = 2;

    /// <summary>What <see cref="Delivered"/> will be, before the catalogue is known.</summary>
    /// <param name="settings">Their names.</param>
    /// <param name="idType">The type of the items' ids.</param>
    public static SchemaShape.Column[] Promised(TransformerSettings settings, DataViewType idType)
    {
        const SchemaShape.Column.VectorKind Variable = SchemaShape.Column.VectorKind.VariableVector;
        var annotations = new SchemaShape([
            new(
                AnnotationUtils.Kinds.SlotNames,
                SchemaShape.Column.VectorKind.Vector,
                TextDataViewType.Instance,
                isKey: false
            ),
            new(
                AnnotationUtils.Kinds.ScoreColumnKind,
                SchemaShape.Column.VectorKind.Scalar,
                TextDataViewType.Instance,
                isKey: false
            ),
            new(
                ScoreColumn.TrainingCounts,
                SchemaShape.Column.VectorKind.Vector,
                NumberDataViewType.Int64,
                isKey: false
            ),
        ]);
        return
        [
            new(
                settings.Score,
                SchemaShape.Column.VectorKind.Vector,
                NumberDataViewType.Single,
                isKey: false,
                annotations
            ),
            new(settings.RecommendedItems, Variable, idType, isKey: false),
            new(settings.RecommendedScores, Variable, NumberDataViewType.Single, isKey: false),
        ];
    }

    /// <summary>The columns for a catalogue.</summary>
    /// <param name="settings">Their names.</param>
    /// <param name="ids">The catalogue.</param>
    /// <param name="sequence">The input column that they are computed from.</param>
    /// <param name="trainingCounts">Tells how often each item was taken in the training data: (I); null where that is not known.</param>
    public static OutputColumn[] Delivered(
        TransformerSettings settings,
        ItemIds ids,
        DataViewSchema.Column sequence,
        Func<long[]>? trainingCounts
    )
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            AnnotationUtils.Kinds.SlotNames,
            new VectorDataViewType(TextDataViewType.Instance, ids.Count),
            ids.CreateSlotNamesGetter()
        );
        ReadOnlyMemory<char> kind = AnnotationUtils.Const.ScoreColumnKind.Recommender.AsMemory();
        annotations.Add(
            AnnotationUtils.Kinds.ScoreColumnKind,
            TextDataViewType.Instance,
            (ref ReadOnlyMemory<char> value) => value = kind
        );
        if (trainingCounts is not null)
        {
            annotations.Add(
                ScoreColumn.TrainingCounts,
                new VectorDataViewType(NumberDataViewType.Int64, ids.Count),
                (ref VBuffer<long> value) =>
                {
                    VBufferEditor<long> editor = VBufferEditor.Create(ref value, ids.Count);
                    trainingCounts().CopyTo(editor.Values);
                    value = editor.Commit();
                }
            );
        }
        return
        [
            new(
                settings.Score,
                new VectorDataViewType(NumberDataViewType.Single, ids.Count),
                [sequence],
                annotations.ToAnnotations()
            ),
            new(settings.RecommendedItems, new VectorDataViewType(ids.Type), [sequence]),
            new(settings.RecommendedScores, new VectorDataViewType(NumberDataViewType.Single), [sequence]),
        ];
    }
}

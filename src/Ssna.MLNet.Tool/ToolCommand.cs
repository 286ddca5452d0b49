using System.CommandLine;
using Ssna.MLNet.Tool.Commands;

namespace Ssna.MLNet.Tool;

/// <summary>The command <c>ssna</c>.</summary>
internal static class ToolCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand(
            """
            Sequential recommendation from item texts: trains, evaluates and asks models of Ssna.MLNet.

            Files of items and interactions are CSV (.csv), TSV (.tsv), JSON lines (.jsonl) or Parquet (.parquet), with names of columns.

            Examples:
              ssna train --items items.csv --interactions clicks.csv --output shop.zip
              ssna evaluate shop.zip --interactions clicks.csv
              ssna recommend shop.zip --history A1000,A1024 -k 5
              ssna similar shop.zip A1000
              ssna add-items shop.zip --items new.csv --output shop2.zip

            Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
            """
        )
        {
            TrainCommand.Create(),
            EvaluateCommand.Create(),
            RecommendCommand.Create(),
            SimilarCommand.Create(),
            AddItemsCommand.Create(),
        };
        CommandWithExamples.ShowExamples(root);
        return root;
    }
}

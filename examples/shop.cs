#!/usr/bin/env dotnet
// One file, no project: dotnet run examples/shop.cs
// Outside this repository, take packages instead of the #:project line:
//   #:package Ssna.MLNet@0.1.0
//   #:package libtorch-cpu-linux-x64@2.10.0
#:project ../src/Ssna.MLNet/Ssna.MLNet.csproj
#:property PublishAot=false
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

var mlContext = new MLContext(seed: 1);
string shop = Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "QuickStart");
IDataView items = Load("items.tsv", new("Item", DataKind.String, 0), new("Text", DataKind.String, 1));
IDataView interactions = Load(
    "interactions.tsv",
    new("User", DataKind.String, 0),
    new("Item", DataKind.String, 1),
    new("Time", DataKind.DateTime, 2)
);
var split = mlContext.Data.LeaveOneOutSplit(mlContext.Data.GroupIntoSequences(interactions));
var options = new SsnaTrainer.Options
{
    Items = items,
    ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers(
        "Layers",
        "Text",
        Path.Combine(shop, "encoder"),
        layers: 2
    ),
    MaximumEpochs = args is [var epochs] ? int.Parse(epochs) : 20,
};
using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(split.TrainSet);
Console.WriteLine(mlContext.Recommendation().EvaluateRanking(model.Transform(split.TestSet)));

IDataView Load(string file, params TextLoader.Column[] columns) =>
    mlContext.Data.LoadFromTextFile(Path.Combine(shop, "sample", file), columns, hasHeader: true);

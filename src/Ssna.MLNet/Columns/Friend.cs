using System.Runtime.CompilerServices;

// See the file of the same name in Ssna.MLNet.Transforms, which also declares the attribute.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]

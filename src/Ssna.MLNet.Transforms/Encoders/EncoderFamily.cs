namespace Ssna.MLNet.Encoders;

/// <summary>The families of encoders, which differ in the names of their weights and in how positions count.</summary>
internal enum EncoderFamily
{
    Bert,
    Roberta,
    DistilBert,
}

namespace NeuralNet.Onnx;

/// <summary>Which dimensions a value of the model has, N being the number of samples.</summary>
internal enum FormKind
{
    /// <summary>[N, n]: a row.</summary>
    Row,

    /// <summary>[N, depth, height, width]: an image of planes.</summary>
    Image,

    /// <summary>[N, T, n]: a sequence of T steps, one a row.</summary>
    Sequence,

    /// <summary>[N, n, T]: a sequence of T steps, one a column, as Conv and its kin take it.</summary>
    Channels,

    /// <summary>[N, T]: a sequence of T steps of one whole number, as Gather takes it.</summary>
    Numbers,

    /// <summary>[T, N, n]: a sequence of T steps, each with all samples, as LSTM and its kin take it.</summary>
    StepsFirst,
}

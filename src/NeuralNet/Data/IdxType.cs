namespace NeuralNet.Data;

/// <summary>The element type of an IDX file, with the code that the file's third byte holds.</summary>
public enum IdxType
{
    /// <summary>Bytes, 0 to 255.</summary>
    UnsignedByte = 0x08,

    /// <summary>Bytes, -128 to 127.</summary>
    SignedByte = 0x09,

    /// <summary>Signed integers of two bytes.</summary>
    Short = 0x0B,

    /// <summary>Signed integers of four bytes.</summary>
    Int = 0x0C,

    /// <summary>IEEE 754 numbers of four bytes.</summary>
    Float = 0x0D,

    /// <summary>IEEE 754 numbers of eight bytes.</summary>
    Double = 0x0E,
}

namespace NeuralNet.Batches;

/// <summary>One step of a network laid out flat: a layer, or a place where branches join.</summary>
/// <param name="sources">The steps whose outputs it reads, by their places; <see cref="OfInput"/> for the sample itself.</param>
/// <param name="name">What error messages call it.</param>
internal abstract class Step(int[] sources, string name)
{
    /// <summary>The source that is no step: the network's input.</summary>
    public const int OfInput = -1;

    public string Name { get; } = name;

    public int[] Sources { get; } = sources;

    /// <summary>Y and dE/dY of the samples; X and dE/dX too, where there is one source.</summary>
    public LayerBuffers Buffers { get; } = new();

    /// <summary>The sources' outputs.</summary>
    public Batch[] Inputs { get; } = new Batch[sources.Length];

    public Batch Output => Buffers.Output;

    /// <summary>Where the sources' dE/dY goes; an entry is empty where nobody reads it.</summary>
    public Batch[] SourceErrors { get; } = new Batch[sources.Length];

    /// <summary>Whether another reader of the same source has been there on the way back, so that this one's error is added.</summary>
    public bool[] Adds { get; } = new bool[sources.Length];

    /// <summary>Whether the layer learns, as far as is known.</summary>
    public virtual bool Learns => false;

    /// <summary>Whether the way back has to come here even where no source is reached by it.</summary>
    public virtual bool LearnsOnTheWayBack => false;

    /// <summary>The parts that gradients can be shared out by; 0 where there are none.</summary>
    public virtual int GradientColumns => 0;

    public virtual bool NeedsCallingThread => false;

    public virtual bool SeesWholeBatch => false;

    /// <summary>Whether <see cref="Begin"/> does anything.</summary>
    public virtual bool Begins => false;

    /// <summary>Whether the output is one row of all steps of a sequence where the input has a row for each of them.</summary>
    public virtual bool GivesOneRow => false;

    /// <summary>The step as it runs in a stream, which gives it one sample at a time.</summary>
    /// <param name="ofSteps">Whether that is the next row of its input, which goes on; otherwise it is a whole input.</param>
    /// <exception cref="InvalidOperationException">It needs the whole sequence; names the layer and the way out.</exception>
    public virtual Step InStream(bool ofSteps) => this;

    /// <summary>Begins another sequence.</summary>
    public virtual void Reset()
    {
    }

    /// <summary>Takes the output of a source to read from.</summary>
    public void Read(int source, Batch input) => Buffers.Input = Inputs[source] = input;

    /// <summary>Makes room for that many samples where the shape that comes out is known; the inputs' are.</summary>
    public abstract void MakeRoom(int capacity);

    public abstract void Forward(int from, int to);

    public abstract void Backward(int from, int to);

    /// <summary>Gives the step room of its own for an error that is to be added to another reader's.</summary>
    public virtual void MakeErrorRoom(int capacity)
    {
    }

    /// <summary>Takes what is new with each mini-batch.</summary>
    /// <param name="random">Where random numbers come from for layers without a generator of their own.</param>
    /// <param name="learningRate">The step by one sample, for layers that update themselves.</param>
    public virtual void Begin(Random random, double learningRate)
    {
    }

    public virtual void CheckBatch(int samples)
    {
    }

    public virtual void BeforeForward()
    {
    }

    public virtual void BeforeBackward()
    {
    }

    public virtual void AddGradients(int from, int to)
    {
    }

    /// <summary>The article's step by one sample: back, with update.</summary>
    public virtual void BackwardAndUpdate(double learningRate) => Backward(0, 1);
}

using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>A step of a network: Y for a given X, and dE/dX for a given dE/dY.</summary>
/// <remarks>
/// The abstract base class of the article. A subclass needs <see cref="ForwardPropagation"/> and <see cref="BackwardPropagation"/> only,
/// and then works in <see cref="Network"/>'s Fit and <see cref="Network.Predict(Matrix{double})"/>. <see cref="GradientCheck"/> tells
/// whether its derivative is right. A layer called by itself checks shapes only; a network's own methods refuse NaN and infinity in what
/// they are given.
/// <para>
/// A layer of one's own may have the library's layers inside and call their methods, where it lists their parameters as its
/// <see cref="TrainableLayer.Parameters"/>. Two kinds belong to the network itself: a <see cref="BatchNormLayer"/>, whose running mean and
/// variance the network has to save, copy and take back, and a <see cref="DropoutLayer"/> without a Random of its own, which
/// <see cref="FitOptions.Seed"/> has to reach (or with one, where a checkpoint or a BatchNormLayer needs its numbers again). Fit refuses
/// them where its training comes to call their ForwardPropagation, Predict too, and Save, Load, Clone and LoadWeights refuse a
/// BatchNormLayer whose parameters are listed. What a network cannot see: one whose parameters are not listed and that was trained by a
/// loop of one's own before Save; and calls from other threads than the one that calls the layer, or from an activation or a loss.
/// </para>
/// </remarks>
public abstract class Layer
{
    private readonly Lock _oneAtATime = new();

    /// <summary>How many calls of Fit train the layer now.</summary>
    private int _trainings;

    /// <summary>What the last <see cref="ForwardPropagation"/> was given, or null before the first.</summary>
    public Matrix<double>? Input { get; protected set; }

    /// <summary>What the last <see cref="ForwardPropagation"/> returned, or null before the first.</summary>
    public Matrix<double>? Output { get; protected set; }

    /// <summary>
    /// Gets or sets a value that indicates whether training changes the layer; true by default. A layer for which it is false is frozen.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The parameters of a frozen layer get no gradient and no update, neither by an optimizer nor by <see cref="Parameter.L2"/>, and do
    /// not count in <see cref="Optimizer.ClipNorm"/>; it passes dE/dX on to the layers before it, and is not called on the way back where
    /// none of those learns. What it gathers stays as it is: a frozen <see cref="BatchNormLayer"/> normalises by its running mean and
    /// variance in training, too, as in Keras. A <see cref="DropoutLayer"/> has nothing to freeze, and goes on to drop in training.
    /// </para>
    /// <para>
    /// Set on a layer with layers within, such as a <see cref="NetworkLayer"/>, it is set on all of those, as in Keras and PyTorch; one of
    /// them may be set otherwise after that. Of such a layer it is true where it is true of any layer within.
    /// </para>
    /// <para>
    /// A layer of one's own with the article's two methods is called with a learning rate of 0 where it is frozen; what a
    /// <see cref="TrainableLayer"/> adds to its gradients is dropped. A parameter that several layers list is frozen where one of them is.
    /// </para>
    /// <para>
    /// Files and copies of a network keep it. It is looked at when Fit begins; a loop of one's own passes to
    /// <see cref="Optimizer.Step"/> the parameters that are to change.
    /// </para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">It is set while a network with the layer is being trained.</exception>
    public bool Trainable
    {
        get => !IsFrozen;
        set
        {
            if (Volatile.Read(ref _trainings) > 0)
            {
                throw new InvalidOperationException(
                    $"{Name} is being trained; Trainable has to wait until Fit has ended. To freeze or free layers after some epochs, call "
                    + "Fit twice, the second time with FitOptions.InitialEpoch.");
            }

            IsFrozen = !value;
        }
    }

    /// <summary>Gets the layer's kind and sizes, as error messages and summaries name it; the name of the type unless overridden.</summary>
    protected internal virtual string Name => GetType().Name;

    /// <summary>Whether training leaves the layer as it is.</summary>
    internal virtual bool IsFrozen { get; set; }

    /// <summary>The layers within this one, with their names in it; none in most.</summary>
    internal virtual IEnumerable<(string Name, Layer Layer)> Children => [];

    /// <summary>
    /// The layer has come into a network: what it starts with is drawn from the network's seed, where that has one and nobody has said
    /// otherwise.
    /// </summary>
    internal virtual void DrawInitialWeights(Random? random)
    {
    }

    /// <summary>Before training or evaluation: refuses a Y from which nothing before the layer could ever learn.</summary>
    /// <param name="output">The shape of Y; null where that is not known.</param>
    /// <exception cref="InvalidOperationException">Nothing could be learnt; names the layer and the way out.</exception>
    internal virtual void RequireLearnable(Shape? output)
    {
    }

    /// <summary>Computes the output Y of the layer for a given input X.</summary>
    /// <param name="input">One sample X; its shape is the layer's to say. Never modified.</param>
    /// <returns>Y, a matrix that nobody else writes to later.</returns>
    public abstract Matrix<double> ForwardPropagation(Matrix<double> input);

    /// <summary>Computes dE/dX for a given dE/dY, and updates the layer's parameters, if it has any.</summary>
    /// <param name="outputError">dE/dY, in the shape of <see cref="Output"/>.</param>
    /// <param name="learningRate">The step against the gradient, 0 or more. 0 leaves the parameters as they are.</param>
    /// <returns>dE/dX, in the shape of <see cref="Input"/>.</returns>
    /// <remarks>
    /// In a mini-batch of n samples it is called for each of them with the optimizer's learning rate divided by n: a layer that updates
    /// itself here does plain gradient descent within the batch, whatever the optimizer. To take part in the optimizer's update, subclass
    /// <see cref="TrainableLayer"/>.
    /// </remarks>
    public abstract Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate);

    /// <summary>Computes Y for a given X; may be called from several threads at once.</summary>
    /// <param name="input">One sample X. Never modified.</param>
    /// <returns>Y, a matrix that nobody else writes to later.</returns>
    /// <remarks>
    /// Unless overridden it takes a lock and calls <see cref="ForwardPropagation"/>, so <see cref="Input"/> and <see cref="Output"/>
    /// change. The library's own layers compute Y without keeping any state, and without a lock.
    /// </remarks>
    public virtual Matrix<double> Predict(Matrix<double> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        lock (_oneAtATime)
        {
            return ForwardPropagation(input);
        }
    }

    /// <summary>The layer's kind and sizes.</summary>
    public override string ToString() => Name;

    /// <summary>The shape of Y for a shape of X, null where one is not known.</summary>
    /// <exception cref="ArgumentException">
    /// The layer cannot take an X of that shape; names the layer, both shapes and the way out.
    /// </exception>
    internal virtual Shape? OutputShapeFor(Shape? input) => null;

    /// <summary>
    /// Whether the rows of Y are known to be steps of a sequence, or rows of a table, rather than rows of an image, whose columns may be
    /// those of several planes.
    /// </summary>
    internal virtual bool GivesSteps => false;

    /// <summary>The size of the largest Y within the layer, as far as is known.</summary>
    internal virtual int LargestSize(Shape? input) => OutputShapeFor(input)?.Size ?? 0;

    /// <summary>
    /// Whether X may hold any finite numbers, so that Y has a derivative by them; else <see cref="RequireNumbers"/> tells.
    /// </summary>
    internal virtual bool TakesAnyNumbers => true;

    /// <summary>Refuses values of X that the layer has no Y for, where it does not take any.</summary>
    /// <param name="x">X, column by column.</param>
    /// <param name="what">What the caller calls it.</param>
    /// <param name="parameter">The parameter that it came in.</param>
    /// <exception cref="ArgumentException">A value is none of the layer's; names the layer, the place, the value and the way
    /// out.</exception>
    internal virtual void RequireNumbers(ReadOnlySpan<double> x, string what, string parameter)
    {
    }

    /// <summary>Takes the number of planes that the network knows of what comes in.</summary>
    internal virtual void SetInputDepth(int depth)
    {
    }

    /// <summary>Fit begins to train the layer: <see cref="Trainable"/> stays as it is until <see cref="EndTraining"/>.</summary>
    internal void BeginTraining() => Interlocked.Increment(ref _trainings);

    /// <summary>Fit has ended.</summary>
    internal void EndTraining() => Interlocked.Decrement(ref _trainings);

    /// <summary>Draws the same numbers again and again, as a check by finite differences needs, until it is called with false.</summary>
    internal virtual void FreezeRandom(bool frozen)
    {
    }
}

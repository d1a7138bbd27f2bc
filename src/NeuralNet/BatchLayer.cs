using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Guards;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>
/// A layer that computes whole mini-batches, on all threads: what the library's own layers are written on, and yours where speed counts.
/// </summary>
/// <remarks>
/// <para>
/// A subclass gives the shape of Y (<see cref="GetOutputShape"/>), Y for samples (<see cref="Forward"/>), dE/dX for samples
/// (<see cref="Backward(BackwardPass)"/>) and, where it has <see cref="TrainableLayer.Parameters"/>, the columns of their gradients
/// (<see cref="AddGradients"/>). The article's methods are written here, once, as a batch of one.
/// </para>
/// <para>
/// Threads: a mini-batch goes forward and back in ranges of samples, and gradients in ranges of columns, each range by one thread,
/// several at once. So these methods change nothing but what their argument gives them to write to; they read the layer's parameters and
/// whatever else does not change. <see cref="BeforeForward"/> and <see cref="BeforeBackward"/> are called by one thread while no other is
/// in the layer.
/// </para>
/// <para>
/// Memory: the library owns all that a method is given, and sizes it once for many mini-batches; nothing of it may be kept after the call.
/// </para>
/// </remarks>
public abstract class BatchLayer : TrainableLayer
{
    private LayerBuffers? _last;
    private ShapePair? _lastShapes;
    private long? _frozenSeed;

    /// <summary>Gets the parameters, always the same objects in the same order; none unless overridden.</summary>
    public override IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Gets the shape of X that the layer takes where nothing tells another; null, as it is unless overridden, where there is
    /// none.</summary>
    /// <remarks>It is the only one, or the usual one, such as a row for a layer that takes any number of rows.</remarks>
    protected internal virtual Shape? ExpectedInput => null;

    /// <summary>
    /// Gets the number of equal parts, by columns, in which the gradients can be added up: 1 or more, 1 unless overridden.
    /// </summary>
    /// <remarks>
    /// It divides the number of columns of each of the <see cref="TrainableLayer.Parameters"/>. More parts keep more threads busy.
    /// </remarks>
    protected internal virtual int GradientColumns => 1;

    /// <summary>
    /// Gets a value that indicates whether all calls must come from the thread that trains or predicts; false unless overridden.
    /// </summary>
    /// <remarks>Where it is true for one layer, the whole network runs on one thread.</remarks>
    protected internal virtual bool NeedsCallingThread => false;

    /// <summary>
    /// Gets a value that indicates whether the layer has to see all samples of a mini-batch before it can compute one of them.
    /// </summary>
    /// <remarks>
    /// A layer that gathers something of them, such as a <see cref="BatchNormLayer"/>, has to leave it as it is where it is frozen: it says
    /// false where <see cref="Layer.Trainable"/> is false, and computes Y and dE/dX by what it has gathered.
    /// </remarks>
    protected internal virtual bool SeesWholeBatch => false;

    /// <summary>
    /// Gets a value that indicates whether <see cref="Backward(BackwardPass)"/> prepares what <see cref="AddGradients"/> reads; false
    /// unless overridden.
    /// </summary>
    /// <remarks>
    /// Then it is called where nobody reads dE/dX, too, as for the first layer of a network; <see cref="BackwardPass.InputError"/> is
    /// empty there.
    /// </remarks>
    protected internal virtual bool LearnsOnTheWayBack => false;

    /// <summary>
    /// Gets a value that indicates whether the layer draws random numbers in training: it is given a <see cref="ForwardPass.Seed"/> for
    /// each mini-batch.
    /// </summary>
    protected internal virtual bool IsRandom => false;

    /// <summary>
    /// Gets the generator that the seeds of mini-batches come from; null, as it is unless overridden, for <see cref="FitOptions.Seed"/>'s.
    /// </summary>
    protected internal virtual Random? Random => null;

    /// <summary>Returns the shape of Y for a shape of X.</summary>
    /// <param name="input">The shape of X.</param>
    /// <returns>The shape of Y, each size 1 or more.</returns>
    /// <exception cref="ArgumentException">
    /// The layer cannot take an X of that shape; name the layer, what it expects, what it got, and the way out.
    /// </exception>
    protected internal abstract Shape GetOutputShape(Shape input);

    /// <summary>Computes Y for samples.</summary>
    /// <param name="pass">The samples' X, and where Y goes.</param>
    protected internal abstract void Forward(ForwardPass pass);

    /// <summary>Computes dE/dX for samples.</summary>
    /// <param name="pass">The samples' X, Y and dE/dY, and where dE/dX goes.</param>
    protected internal abstract void Backward(BackwardPass pass);

    /// <summary>Adds dE/dW, summed over all samples, to columns of the parameters' gradients; does nothing unless overridden.</summary>
    /// <param name="pass">The samples' X, Y and dE/dY, and the columns to add to.</param>
    protected internal virtual void AddGradients(GradientPass pass)
    {
    }

    /// <summary>Refuses mini-batches of a size that the layer cannot be trained on; takes any unless overridden.</summary>
    /// <param name="samples">The number of samples, 1 or more.</param>
    /// <exception cref="InvalidOperationException">The layer needs more samples; name it and the way out.</exception>
    protected internal virtual void CheckBatch(int samples)
    {
    }

    /// <summary>Gathers what <see cref="Forward"/> needs from all samples, where <see cref="SeesWholeBatch"/>; in training only.</summary>
    /// <param name="all">All samples; their Y is not there yet.</param>
    /// <param name="gathered">Where it goes: <see cref="SharedPerBatch"/> values, undefined before.</param>
    protected internal virtual void BeforeForward(ForwardPass all, Span<double> gathered)
    {
    }

    /// <summary>Gathers what <see cref="Backward(BackwardPass)"/> needs from all samples, where <see cref="SeesWholeBatch"/>.</summary>
    /// <param name="all">All samples; their dE/dX is not there yet.</param>
    /// <param name="gathered">What <see cref="BeforeForward"/> left, to be read and written.</param>
    protected internal virtual void BeforeBackward(BackwardPass all, Span<double> gathered)
    {
    }

    /// <summary>Returns how many values the layer keeps of each sample for the way back, besides X and Y; 0 unless overridden.</summary>
    /// <param name="input">The shape of X.</param>
    protected internal virtual int KeptPerSample(Shape input) => 0;

    /// <summary>Returns how many values the layer keeps of a whole mini-batch; 0 unless overridden.</summary>
    /// <param name="input">The shape of X.</param>
    protected internal virtual int SharedPerBatch(Shape input) => 0;

    /// <summary>Returns what a <see cref="SequenceStream"/> keeps for the layer from one step of a sequence to the next.</summary>
    /// <returns>
    /// <see cref="StreamState.RowByRow"/> where row t of Y is made of row t of X alone, so that the stream calls <see cref="Forward"/> with
    /// one row and nothing is kept; otherwise a new state for each call, since each stream has its own.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// A row of Y is made of later rows of X; name the layer and the way out. It is thrown unless overridden, as nobody else knows.
    /// </exception>
    /// <remarks>
    /// It is called by <see cref="Network.Stream"/> where the layer is given a row for each step. Behind a layer that makes one row of all
    /// steps the stream calls <see cref="Forward"/> with that one row, as Predict does, whatever the layer.
    /// </remarks>
    protected internal virtual StreamState NewStreamState() => throw new InvalidOperationException(
        $"{Name} does not say how it takes a sequence step by step. Override its {nameof(NewStreamState)}: "
        + $"{nameof(StreamState)}.{nameof(StreamState.RowByRow)} where each row of Y is made of the same row of X alone, or a "
        + $"{nameof(StreamState)} of its own. Or put it behind a layer that gives one row of all steps.");

    /// <summary>
    /// Returns about how many multiply-adds one sample takes on the way forward, by which the library judges whether threads pay.
    /// </summary>
    /// <param name="input">The shape of X.</param>
    /// <returns>The number; one for each value of the parameters unless overridden.</returns>
    protected internal virtual long MultiplyAdds(Shape input) => ParameterCount;

    /// <summary>The article's step for a batch of one: dE/dX, where it is wanted, then W -= learningRate * dE/dW.</summary>
    /// <param name="pass">The sample.</param>
    /// <param name="learningRate">The step against the gradient.</param>
    /// <remarks>
    /// Right for every layer as it is; override it where the update can be done without the gradient in between. The gradients are zero
    /// before and after.
    /// </remarks>
    protected internal virtual void BackwardAndUpdate(BackwardPass pass, double learningRate)
    {
        if (pass.WantsInputError || LearnsOnTheWayBack)
        {
            Backward(pass);
        }

        if (!Learns)
        {
            return;
        }

        AddGradients(pass.Gradients(this));
        for (int i = 0; i < Parameters.Count; i++)
        {
            Products.AddScaled(-learningRate, Parameters[i].Gradients, Parameters[i].Values);
            Parameters[i].ClearGradient();
        }
    }

    /// <summary>Computes Y for a given X, as in training, and keeps what the way back needs.</summary>
    /// <param name="input">X, in a shape that the layer takes. Never modified.</param>
    /// <returns>Y, a matrix that nobody else writes to later.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="input"/> has another shape; the message names the layer and the way out.
    /// </exception>
    public sealed override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        _last = ForwardOne(input, training: true);
        Output = _last.Output.AsMatrix();
        Input = input;
        return Output;
    }

    /// <summary>Computes Y for a given X, keeping nothing: any number of threads may call it at once.</summary>
    /// <param name="input">X, in a shape that the layer takes. Never modified.</param>
    /// <returns>Y, a matrix that nobody else writes to later.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="input"/> has another shape; the message names the layer and the way out.
    /// </exception>
    public sealed override Matrix<double> Predict(Matrix<double> input) => ForwardOne(input, training: false).Output.AsMatrix();

    /// <summary>
    /// Computes dE/dX for a given dE/dY, adds dE/dW to each parameter's <see cref="Parameter.Gradient"/>, and updates nothing.
    /// </summary>
    /// <param name="outputError">dE/dY, in the shape of <see cref="Layer.Output"/>.</param>
    /// <returns>dE/dX, in the shape of <see cref="Layer.Input"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> has another shape than the last output.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before.</exception>
    public sealed override Matrix<double> Backward(Matrix<double> outputError)
    {
        var buffers = WayBack(outputError);
        CallBackward(new BackwardPass(buffers, 0, 1));
        if (Learns)
        {
            CallAddGradients(new GradientPass(this, buffers, 0, CheckedGradientColumns()));
        }

        return buffers.InputError.AsMatrix();
    }

    /// <summary>The article's method: dE/dX for a given dE/dY, and W -= learningRate * dE/dW for every parameter W.</summary>
    /// <param name="outputError">dE/dY, in the shape of <see cref="Layer.Output"/>.</param>
    /// <param name="learningRate">The step against the gradient: finite, 0 or more.</param>
    /// <returns>dE/dX, in the shape of <see cref="Layer.Input"/>, for the parameters before the update.</returns>
    /// <inheritdoc cref="TrainableLayer.BackwardPropagation(Matrix{double}, double)"/>
    public sealed override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate)
    {
        Check.LearningRateOrZero(learningRate);
        var buffers = WayBack(outputError);
        if (Learns && Parameters.Any(parameter => parameter.L2 != 0))
        {
            return BackwardAndUpdate(outputError, learningRate);
        }

        ClearGradients();
        CallBackwardAndUpdate(new BackwardPass(buffers, 0, 1), learningRate);
        return buffers.InputError.AsMatrix();
    }

    /// <summary>Whether there is anything to learn.</summary>
    internal bool Learns => Trainable && Parameters.Count > 0;

    /// <summary>Whether training leaves the layer as it is; a way back is that of a way forward in the same state.</summary>
    internal override bool IsFrozen
    {
        get;
        set => (field, _last) = (value, value == field ? _last : null);
    }

    /// <summary>The seed of a mini-batch, from the layer's own generator if it has one, else from <paramref name="random"/>.</summary>
    internal long NextSeed(Random? random) => _frozenSeed ?? (Random ?? random ?? Random.Shared).NextInt64();

    /// <summary>Draws the same numbers again and again, as a check by finite differences needs, until it is called with false.</summary>
    internal override void FreezeRandom(bool frozen) => _frozenSeed = frozen && IsRandom ? NextSeed(null) : null;

    internal override Shape? OutputShapeFor(Shape? input) => (input ?? ExpectedInput) is { } known ? CheckedOutputShape(known) : null;

    /// <summary>The shape of Y, which a user's layer may have got wrong.</summary>
    internal Shape CheckedOutputShape(Shape input)
    {
        Shape shape;
        try
        {
            shape = GetOutputShape(input);
        }
        catch (Exception e) when (IsUsersFault(e) && !IsRefusal(e))
        {
            throw Fault(nameof(GetOutputShape), e);
        }

        if (shape is not { Height: > 0, Width: > 0, Depth: > 0 } || (Int128)shape.Height * shape.Width * shape.Depth > int.MaxValue)
        {
            throw UserCode.Refusal(
                FormattableString.Invariant($"{Name}'s GetOutputShape returned {shape.Height} x {shape.Width} x {shape.Depth}; ")
                    + "it must return the shape of Y, each size 1 or more, that fits into a matrix.");
        }

        if (_lastShapes is not { } last || last.Input != input)
        {
            _lastShapes = new(input, shape);
        }
        else if (last.Output != shape)
        {
            throw UserCode.Refusal(
                $"{Name}'s GetOutputShape returned {shape} for an input of {input}, but {last.Output} before; "
                + "it must always return the same.");
        }

        return shape;
    }

    /// <summary>The number of parts of the gradients, which a user's layer may have got wrong.</summary>
    internal int CheckedGradientColumns()
    {
        int columns = GradientColumns;
        if (columns < 1)
        {
            throw UserCode.Refusal(FormattableString.Invariant($"{Name} has {columns} GradientColumns; there must be 1 or more."));
        }

        for (int i = 0; columns > 1 && i < Parameters.Count; i++)
        {
            if (Parameters[i].Value.ColumnCount % columns != 0)
            {
                throw UserCode.Refusal(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Name} has {columns} GradientColumns, which do not divide the {Parameters[i].Value.ColumnCount} columns "
                    + $"of its {Parameters[i].Name}."));
            }
        }

        return columns;
    }

    /// <summary><see cref="Forward"/>, told with the layer's name where it is a user's that throws.</summary>
    internal void CallForward(ForwardPass pass)
    {
        try
        {
            Forward(pass);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault(nameof(Forward), e);
        }
    }

    /// <summary><see cref="Backward(BackwardPass)"/>, told with the layer's name where it is a user's that throws.</summary>
    internal void CallBackward(BackwardPass pass)
    {
        try
        {
            Backward(pass);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault(nameof(Backward), e);
        }
    }

    /// <summary><see cref="AddGradients"/>, told with the layer's name where it is a user's that throws.</summary>
    internal void CallAddGradients(GradientPass pass)
    {
        try
        {
            AddGradients(pass);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault(nameof(AddGradients), e);
        }
    }

    /// <summary><see cref="BackwardAndUpdate(BackwardPass, double)"/>, told with the layer's name where it is a user's that
    /// throws.</summary>
    internal void CallBackwardAndUpdate(BackwardPass pass, double learningRate)
    {
        if (!Trainable)
        {
            if (pass.WantsInputError)
            {
                CallBackward(pass);
            }

            return;
        }

        try
        {
            BackwardAndUpdate(pass, learningRate);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault(nameof(BackwardAndUpdate), e);
        }
    }

    /// <summary><see cref="BeforeForward"/>, told with the layer's name where it is a user's that throws.</summary>
    internal void CallBeforeForward(ForwardPass all, Span<double> shared)
    {
        try
        {
            BeforeForward(all, shared);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault(nameof(BeforeForward), e);
        }
    }

    /// <summary><see cref="BeforeBackward"/>, told with the layer's name where it is a user's that throws.</summary>
    internal void CallBeforeBackward(BackwardPass all, Span<double> shared)
    {
        try
        {
            BeforeBackward(all, shared);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault(nameof(BeforeBackward), e);
        }
    }

    /// <summary><see cref="CheckBatch"/>, told with the layer's name where it is a user's that throws anything but its refusal.</summary>
    internal void CallCheckBatch(int samples)
    {
        try
        {
            CheckBatch(samples);
        }
        catch (Exception e) when (IsUsersFault(e) && e is not InvalidOperationException)
        {
            throw Fault(nameof(CheckBatch), e);
        }
    }

    /// <summary>
    /// <see cref="NewStreamState"/>, told with the layer's name where it is a user's that throws anything but its refusal.
    /// </summary>
    internal StreamState CallNewStreamState()
    {
        StreamState? state;
        try
        {
            state = NewStreamState();
        }
        catch (Exception e) when (IsUsersFault(e) && e is not InvalidOperationException)
        {
            throw Fault(nameof(NewStreamState), e);
        }

        return state ?? throw UserCode.Refusal(
            $"{Name}'s {nameof(NewStreamState)} returned null; it must return a state, or {nameof(StreamState)}."
            + $"{nameof(StreamState.RowByRow)} where nothing is kept.");
    }

    /// <summary>The state's <see cref="StreamState.TakeStep"/>, told with the layer's name where it is a user's that throws.</summary>
    internal void CallTakeStep(StreamState state, ReadOnlySpan<double> input, Span<double> output)
    {
        try
        {
            state.TakeStep(input, output);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault($"{nameof(StreamState)}.{nameof(StreamState.TakeStep)}", e);
        }
    }

    /// <summary>The state's <see cref="StreamState.Reset"/>, told with the layer's name where it is a user's that throws.</summary>
    internal void CallReset(StreamState state)
    {
        try
        {
            state.Reset();
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault($"{nameof(StreamState)}.{nameof(StreamState.Reset)}", e);
        }
    }

    /// <summary><see cref="KeptPerSample"/>, told with the layer's name where it is a user's that throws.</summary>
    internal int CallKeptPerSample(Shape input)
    {
        try
        {
            return KeptPerSample(input);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault(nameof(KeptPerSample), e);
        }
    }

    /// <summary><see cref="SharedPerBatch"/>, told with the layer's name where it is a user's that throws.</summary>
    internal int CallSharedPerBatch(Shape input)
    {
        try
        {
            return SharedPerBatch(input);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault(nameof(SharedPerBatch), e);
        }
    }

    /// <summary><see cref="MultiplyAdds"/>, told with the layer's name where it is a user's that throws.</summary>
    internal long CallMultiplyAdds(Shape input)
    {
        try
        {
            return MultiplyAdds(input);
        }
        catch (Exception e) when (IsUsersFault(e))
        {
            throw Fault(nameof(MultiplyAdds), e);
        }
    }

    /// <summary>What a layer says of an argument in its own words, and not one of .NET's methods.</summary>
    private static bool IsRefusal(Exception e) => e is ArgumentException and not ArgumentNullException and not ArgumentOutOfRangeException;

    private bool IsUsersFault(Exception e) => UserCode.IsUsers(this) && UserCode.HasNoName(e);

    private InvalidOperationException Fault(string method, Exception e) => UserCode.NamedForGood($"{Name}'s {method}", e);

    private LayerBuffers ForwardOne(Matrix<double> input, bool training)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Countable(input, "The input", nameof(input));
        var buffers = new LayerBuffers { Input = Batch.Of(input, Shape.Of(input)), Training = training };
        buffers.MakeRoom(this, 1);
        if (training && (IsRandom || SeesWholeBatch))
        {
            UserCodeScope.RequireVisible(this);
        }

        if (training && IsRandom)
        {
            buffers.Seed = NextSeed(null);
        }

        var pass = new ForwardPass(buffers, 0, 1);
        if (training && SeesWholeBatch)
        {
            CallCheckBatch(1);
            CallBeforeForward(pass, buffers.Shared);
        }

        CallForward(pass);
        return buffers;
    }

    private LayerBuffers WayBack(Matrix<double> outputError)
    {
        var buffers = _last
            ?? throw new InvalidOperationException($"{Name} has no input to propagate an error back to. Call ForwardPropagation first.");
        Check.OutputError(Name, buffers.Output.Shape.Matrix, outputError);
        buffers.OutputError = Batch.Of(outputError, buffers.Output.Shape);
        buffers.InputError = Batch.New(buffers.Input.Shape, 1);
        if (SeesWholeBatch)
        {
            CallBeforeBackward(new BackwardPass(buffers, 0, 1), buffers.Shared);
        }

        return buffers;
    }

    private sealed record ShapePair(Shape Input, Shape Output);
}

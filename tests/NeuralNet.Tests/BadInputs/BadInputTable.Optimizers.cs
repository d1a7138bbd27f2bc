using static NeuralNet.Tests.Support.Draw;

namespace NeuralNet.Tests.BadInputs;

/// <summary>Bad input for optimizers, schedules, initializers and regularisation.</summary>
internal static partial class BadInputTable
{
    private static double[] NotFinite => [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    private static IEnumerable<BadInput> Optimizers() => [.. OptimizerNumbers(), .. OptimizerCalls(), .. Schedules(), .. Constants()];

    private static IEnumerable<BadInput> OptimizerNumbers()
    {
        (string Parameter, Func<double, Optimizer> New)[] aboveZero =
        [
            ("Sgd.ctor(learningRate)", value => new Sgd(value)),
            ("Adagrad.ctor(learningRate)", value => new Adagrad(value)),
            ("RmsProp.ctor(learningRate)", value => new RmsProp(value)),
            ("Adam.ctor(learningRate)", value => new Adam(value)),
            ("AdamW.ctor(learningRate)", value => new AdamW(value)),
            ("Adagrad.ctor(epsilon)", value => new Adagrad(epsilon: value)),
            ("RmsProp.ctor(epsilon)", value => new RmsProp(epsilon: value)),
            ("Adam.ctor(epsilon)", value => new Adam(epsilon: value)),
            ("AdamW.ctor(epsilon)", value => new AdamW(epsilon: value)),
            ("Optimizer.LearningRate(value)", value => new Adam { LearningRate = value }),
            ("Optimizer.ClipNorm(value)", value => new Adam { ClipNorm = value }),
            ("Optimizer.ClipValue(value)", value => new Adam { ClipValue = value }),
        ];
        foreach (var (parameter, create) in aboveZero)
        {
            foreach (double value in NotFinite.Concat([0, -1]))
            {
                yield return OutOfRange(
                    parameter, $"{value}", _ => create(value), What(parameter), "finite number above 0", $"is {value}.");
            }
        }

        (string Parameter, Func<double, Optimizer> New)[] zeroOrMore =
        [
            ("Sgd.ctor(weightDecay)", value => new Sgd(0.1, weightDecay: value)),
            ("Adagrad.ctor(weightDecay)", value => new Adagrad(weightDecay: value)),
            ("Adagrad.ctor(initialAccumulator)", value => new Adagrad(initialAccumulator: value)),
            ("RmsProp.ctor(weightDecay)", value => new RmsProp(weightDecay: value)),
            ("Adam.ctor(weightDecay)", value => new Adam(weightDecay: value)),
            ("AdamW.ctor(weightDecay)", value => new AdamW(weightDecay: value)),
        ];
        foreach (var (parameter, create) in zeroOrMore)
        {
            yield return Fine(parameter, "0", _ => create(0));
            foreach (double value in NotFinite.Concat([-1e-9]))
            {
                yield return OutOfRange(
                    parameter, $"{value}", _ => create(value), What(parameter), "finite number, 0 or more", $"is {value}.");
            }
        }

        (string Parameter, Func<double, Optimizer> New)[] parts =
        [
            ("Sgd.ctor(momentum)", value => new Sgd(0.1, momentum: value)),
            ("RmsProp.ctor(decay)", value => new RmsProp(decay: value)),
            ("RmsProp.ctor(momentum)", value => new RmsProp(momentum: value)),
            ("Adam.ctor(beta1)", value => new Adam(beta1: value)),
            ("Adam.ctor(beta2)", value => new Adam(beta2: value)),
            ("AdamW.ctor(beta1)", value => new AdamW(beta1: value)),
            ("AdamW.ctor(beta2)", value => new AdamW(beta2: value)),
        ];
        foreach (var (parameter, create) in parts)
        {
            yield return Fine(parameter, "0", _ => create(0));
            foreach (double value in NotFinite.Concat([-1e-9, 1, 2]))
            {
                yield return OutOfRange(
                    parameter, $"{value}", _ => create(value), What(parameter), "finite number from 0 to below 1", $"is {value}.");
            }
        }

        yield return Wrong(
            "Sgd.ctor(nesterov)", "without momentum", _ => new Sgd(0.1, nesterov: true), "Sgd's nesterov needs a momentum above 0",
            "momentum is 0", "such as 0.9");
        yield return Fine("RmsProp.ctor(centered)", "true", _ => new RmsProp(centered: true));
        yield return Fine("Optimizer.ClipNorm(value)", "null for none", _ => new Adam { ClipNorm = null });
        yield return Fine("Optimizer.ClipValue(value)", "null for none", _ => new Adam { ClipValue = null });
    }

    private static IEnumerable<BadInput> OptimizerCalls()
    {
        yield return Null("Sgd.Update(parameter)", _ => Update(new Sgd(0.1)));
        yield return Null("Adagrad.Update(parameter)", _ => Update(new Adagrad()));
        yield return Null("RmsProp.Update(parameter)", _ => Update(new RmsProp()));
        yield return Null("Adam.Update(parameter)", _ => Update(new Adam()));
        yield return Null("AdamW.Update(parameter)", _ => Update(new AdamW()));
        yield return Null("Optimizer.Step(parameters)", _ => Step(null!));
        yield return Wrong(
            "Optimizer.Step(parameters)", "a null among them", scene => Step([scene.FC.Parameters[0], null!]), "Adam(0.5, clip norm 0.001)",
            "parameters[1] is null");
        yield return Fine("Optimizer.Step(parameters)", "none", _ => Step([]));

        foreach (double value in NotFinite.Concat([-1]))
        {
            yield return OutOfRange(
                "Parameter.L2(value)", $"{value}", scene => scene.FC.Parameters[1].L2 = value, "L2 of Bias", "finite number, 0 or more",
                $"is {value}.");
        }

        static object? Update(Optimizer optimizer)
        {
            optimizer.Update(null!);
            return null;
        }

        static object? Step(IReadOnlyList<Parameter> parameters)
        {
            new Adam(0.5) { ClipNorm = 1e-3 }.Step(parameters);
            return null;
        }
    }

    private static IEnumerable<BadInput> Schedules()
    {
        yield return Null("Schedule.ctor(rate)", _ => new Schedule(null!));
        yield return Fine("Schedule.WarmUp(then)", "null is constant", _ => Schedule.WarmUp(3, null));
        foreach (int number in new[] { 0, -1, int.MinValue })
        {
            yield return OutOfRange(
                "Schedule.Step(every)", $"{number}", _ => Schedule.Step(number, 0.5), "step schedule's every", "1 or more",
                $"is {number}.");
            yield return OutOfRange(
                "Schedule.Cosine(epochs)", $"{number}", _ => Schedule.Cosine(number), "cosine schedule's epochs", "1 or more",
                $"is {number}.");
            yield return OutOfRange(
                "Schedule.WarmUp(epochs)", $"{number}", _ => Schedule.WarmUp(number), "warm-up schedule's epochs", "1 or more",
                $"is {number}.");
        }

        foreach (double value in NotFinite.Concat([0, -1]))
        {
            yield return OutOfRange(
                "Schedule.Step(factor)", $"{value}", _ => Schedule.Step(1, value), "step schedule's factor", "finite number above 0",
                $"is {value}.");
            yield return OutOfRange(
                "Schedule.Exponential(factor)", $"{value}", _ => Schedule.Exponential(value), "exponential schedule's factor",
                "finite number above 0", $"is {value}.");
            yield return OutOfRange(
                "Schedule.RateAt(initialRate)", $"{value}", _ => Schedule.Constant.RateAt(0, value), "initial learning rate",
                "finite number above 0", $"is {value}.");
        }

        foreach (double value in NotFinite.Concat([-1]))
        {
            yield return OutOfRange(
                "Schedule.Cosine(finalRate)", $"{value}", _ => Schedule.Cosine(1, value), "cosine schedule's finalRate",
                "finite number, 0 or more", $"is {value}.");
            yield return Order(
                "Schedule.RateAt(epoch)", $"an own function gives {value}", _ => new Schedule((_, _) => value).RateAt(3, 0.1),
                "Schedule of a function", "finite rate, 0 or more", $"{value} for epoch 3", "0.1");
        }

        yield return OutOfRange("Schedule.RateAt(epoch)", "-1", _ => Schedule.Constant.RateAt(-1, 0.1), "epoch", "from 0", "is -1.");
        yield return Order(
            "Schedule.RateAt(epoch)", "a rate beyond a double", _ => Schedule.WarmUp(2, Schedule.Exponential(10)).RateAt(400, 0.1),
            "WarmUp(2, then Exponential(10))", "Infinity for epoch 400", "Change what it does");
    }

    private static IEnumerable<BadInput> Constants()
    {
        foreach (double value in NotFinite)
        {
            yield return OutOfRange(
                "Initializer.Constant(value)", $"{value}", _ => Initializer.Constant(value), "constant initializer's value",
                "finite number", $"is {value}.");
        }
    }

    /// <summary>What the message calls a constructor's or a setter's number.</summary>
    private static string What(string parameter)
    {
        var (member, name) = (parameter[..parameter.IndexOf('.')], parameter[(parameter.IndexOf('(') + 1)..^1]);
        return name == "learningRate" || parameter.Contains("LearningRate")
            ? "The learning rate"
            : name == "value" ? parameter[10..parameter.IndexOf('(')]
            : $"{member}'s {name}";
    }
}

//! Random syntax trees, as a parser could have made them.

use lentil_diag::Span;
use lentil_grammar::ast::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// A file of a few items.
pub fn file() -> impl Strategy<Value = File> {
    let doc = || prop_oneof![Just(String::new()), "[ /]?[a-zα]{1,9}( [a-z`]{1,9}){0,3}"];
    let item =
        (vec(doc(), 0..3), any::<bool>(), item_kind()).prop_map(|(docs, local, kind)| Item {
            docs,
            local,
            kind,
            span: Span::default(),
        });
    (vec(doc(), 0..3), vec(item, 0..5)).prop_map(|(docs, items)| File {
        docs,
        items,
        comments: Vec::new(),
        span: Span::default(),
    })
}

/// An expression.
pub fn expr() -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        4 => ident().prop_map(|name| ExprKind::Name(name.text)),
        2 => prop_oneof!["[0-9]{1,3}", "[0-9]{1,2}(_[0-9]{3})?\\.[0-9]{1,3}(e-?[0-9])?"]
            .prop_map(ExprKind::Number),
        1 => text().prop_map(ExprKind::Text),
        1 => any::<bool>().prop_map(ExprKind::Bool),
        1 => Just(ExprKind::Tuple(vec![])),
    ];
    leaf.prop_map(plain)
        .prop_recursive(5, 40, 4, |e| {
            let boxed = e.clone().prop_map(Box::new).boxed();
            let list = vec(e.clone(), 0..4).boxed();
            let some = vec(e.clone(), 1..4).boxed();
            let two = vec(e.clone(), 2..4);
            let binders = binders(e.clone());
            let range = (option::of(boxed.clone()), option::of(boxed.clone()))
                .prop_map(|(a, b)| plain(ExprKind::Range(a, b)));
            let items = vec(prop_oneof![3 => e.clone(), 1 => range], 1..4);
            let fields = vec((ident(), e.clone()), 0..4);
            let params = vec((ident(), option::of(ty(number()))), 0..3).prop_map(|list| {
                list.into_iter()
                    .map(|(name, ty)| Param { name, ty })
                    .collect()
            });
            let args = (option::of(list.clone()), list.clone())
                .prop_map(|(params, args)| CallArgs { params, args });
            let kind = prop_oneof![
                two.prop_map(ExprKind::Tuple),
                list.prop_map(ExprKind::Array),
                (boxed.clone(), binders.clone()).prop_map(|(e, b)| ExprKind::Comprehension(e, b)),
                fields.prop_map(ExprKind::Record),
                (statements(e.clone(), 1), boxed.clone()).prop_map(|(s, e)| ExprKind::Block(s, e)),
                (boxed.clone(), boxed.clone(), boxed.clone())
                    .prop_map(|(a, b, c)| ExprKind::If(a, b, c)),
                (params, boxed.clone()).prop_map(|(p, e)| ExprKind::Lambda(p, e)),
                (boxed.clone(), args).prop_map(|(f, a)| ExprKind::Call(f, a)),
                (boxed.clone(), boxed.clone(), binders)
                    .prop_map(|(f, e, b)| ExprKind::Reduction(f, e, b)),
                (boxed.clone(), items).prop_map(|(e, i)| ExprKind::Bracket(e, i)),
                (boxed.clone(), ident()).prop_map(|(e, n)| ExprKind::Field(e, n)),
                (unary(), boxed.clone()).prop_map(|(op, e)| ExprKind::Unary(op, e)),
                (binary(), boxed.clone(), boxed.clone())
                    .prop_map(|(op, a, b)| ExprKind::Binary(op, a, b)),
                (binary(), boxed.clone(), boxed.clone())
                    .prop_map(|(op, a, b)| ExprKind::Binary(op, a, b)),
                (ident(), boxed).prop_map(|(n, e)| ExprKind::Labelled(n, e)),
                (some, unary()).prop_map(|(list, op)| {
                    let chain = list.into_iter().reduce(|a, b| {
                        plain(ExprKind::Binary(BinaryOp::Then, Box::new(a), Box::new(b)))
                    });
                    let chain = chain.unwrap_or_else(|| plain(ExprKind::Tuple(vec![])));
                    ExprKind::Unary(op, Box::new(chain))
                }),
            ];
            kind.prop_map(plain)
        })
        .boxed()
}

fn item_kind() -> BoxedStrategy<ItemKind> {
    let wheres = vec((expr(), size_op(), expr()), 0..2).prop_map(|list| {
        let one = |(left, op, right)| Where { left, op, right };
        list.into_iter().map(one).collect::<Vec<_>>()
    });
    let wheres = wheres.boxed();
    let result = || option::of(ty(expr()));
    let signature = (vec(model_param(), 0..3), params(), result(), wheres.clone())
        .prop_map(|(params, inputs, result, wheres)| ModelSignature {
            params,
            inputs,
            result,
            wheres,
        })
        .boxed();
    let import = (any::<bool>(), vec(ident(), 1..3), vec(ident(), 1..4)).prop_map(
        |(relative, path, names)| {
            ItemKind::Import(Import {
                relative,
                path,
                names,
            })
        },
    );
    let function = (
        ident(),
        statics(),
        params(),
        result(),
        wheres.clone(),
        body(),
    )
        .prop_map(|(name, statics, params, result, wheres, body)| {
            ItemKind::Fn(FnDef {
                name,
                statics,
                params,
                result,
                wheres,
                body,
            })
        });
    let model = (ident(), statics(), signature.clone(), body()).prop_map(
        |(name, statics, signature, body)| {
            let signature = Some(signature);
            ItemKind::Model(ModelDef {
                name,
                statics,
                signature,
                body,
            })
        },
    );
    let named = (ident(), statics(), expr()).prop_map(|(name, statics, body)| {
        ItemKind::Model(ModelDef {
            name,
            statics,
            signature: None,
            body,
        })
    });
    let lens = (
        ident(),
        statics(),
        signature,
        expr(),
        vec(ident(), 1..3),
        expr(),
    )
        .prop_map(|(name, statics, signature, get, put_params, put)| {
            ItemKind::Lens(LensDef {
                name,
                statics,
                signature,
                get,
                put_params,
                put,
            })
        });
    let optimizer = (
        (ident(), statics(), vec(weight(), 0..3)),
        (param(), vec(weight(), 0..3), expr(), ident(), expr()),
    )
        .prop_map(
            |((name, statics, hyper), (p, states, get, put_param, put))| {
                ItemKind::Optimizer(OptimizerDef {
                    name,
                    statics,
                    hyper,
                    p,
                    states,
                    get,
                    put_param,
                    put,
                })
            },
        );
    let data = (ident(), expr(), settings()).prop_map(|(name, source, fields)| {
        ItemKind::Data(DataDef {
            name,
            source,
            fields,
        })
    });
    let learner = (ident(), settings())
        .prop_map(|(name, fields)| ItemKind::Learner(LearnerDef { name, fields }));
    let test = (text(), condition()).prop_map(|(title, body)| {
        ItemKind::Test(TestDef {
            title,
            title_span: Span::default(),
            body,
        })
    });
    let law = ((text(), statics(), params()), (wheres, condition())).prop_map(
        |((title, statics, params), (wheres, body))| {
            ItemKind::Law(LawDef {
                title,
                title_span: Span::default(),
                statics,
                params,
                wheres,
                body,
            })
        },
    );
    let type_def = (ident(), statics(), ty(expr()))
        .prop_map(|(name, statics, ty)| ItemKind::Type(TypeDef { name, statics, ty }));
    prop_oneof![
        import, function, model, named, lens, optimizer, data, learner, test, law, type_def
    ]
    .boxed()
}

fn ty(size: BoxedStrategy<Expr>) -> BoxedStrategy<TypeExpr> {
    let name = (ident(), vec(vec(size, 1..3), 0..2))
        .prop_map(|(name, brackets)| TypeKind::Name { name, brackets });
    let simple = |kind| TypeExpr {
        kind,
        span: Span::default(),
    };
    name.prop_map(simple)
        .prop_recursive(3, 8, 3, move |t| {
            prop_oneof![
                vec(t.clone(), 2..4).prop_map(TypeKind::Tuple),
                Just(TypeKind::Tuple(vec![])),
                vec((ident(), t.clone()), 0..3).prop_map(TypeKind::Record),
                (t.clone(), t).prop_map(|(a, b)| TypeKind::Arrow(Box::new(a), Box::new(b))),
            ]
            .prop_map(simple)
        })
        .boxed()
}

fn number() -> BoxedStrategy<Expr> {
    "[0-9]{1,2}"
        .prop_map(|n| plain(ExprKind::Number(n)))
        .boxed()
}

fn params() -> BoxedStrategy<Vec<Param>> {
    vec(param(), 0..4).boxed()
}

fn param() -> BoxedStrategy<Param> {
    let one = |(name, ty)| Param { name, ty: Some(ty) };
    (ident(), ty(number())).prop_map(one).boxed()
}

fn statics() -> BoxedStrategy<Vec<StaticParam>> {
    let one = (ident(), option::of(ty(number())));
    vec(
        one.prop_map(|(name, bound)| StaticParam { name, bound }),
        0..3,
    )
    .boxed()
}

fn weight() -> BoxedStrategy<Weight> {
    (ident(), ty(expr()), option::of(expr()))
        .prop_map(|(name, ty, init)| Weight { name, ty, init })
        .boxed()
}

fn model_param() -> BoxedStrategy<ModelParam> {
    prop_oneof![
        weight().prop_map(ModelParam::Weight),
        param().prop_map(ModelParam::Use),
        weight().prop_map(ModelParam::State),
        ident().prop_map(ModelParam::Using),
    ]
    .boxed()
}

fn settings() -> BoxedStrategy<Vec<Setting>> {
    vec(
        (ident(), expr()).prop_map(|(name, value)| Setting { name, value }),
        0..4,
    )
    .boxed()
}

fn body() -> BoxedStrategy<Expr> {
    let block =
        (statements(expr(), 0), expr()).prop_map(|(s, e)| plain(ExprKind::Block(s, Box::new(e))));
    prop_oneof![expr(), block].boxed()
}

fn condition() -> BoxedStrategy<Expr> {
    let block =
        (statements(expr(), 1), expr()).prop_map(|(s, e)| plain(ExprKind::Block(s, Box::new(e))));
    prop_oneof![expr(), block].boxed()
}

fn statements(
    e: impl Strategy<Value = Expr> + Clone + 'static,
    least: usize,
) -> BoxedStrategy<Vec<Statement>> {
    let pattern = ident()
        .prop_map(Pattern::Name)
        .prop_recursive(2, 4, 3, |p| {
            vec(p, 2..4).prop_map(|list| Pattern::Tuple(list, Span::default()))
        });
    let one = prop_oneof![
        (pattern, e.clone()).prop_map(|(p, e)| Statement::Let(p, e)),
        (ident(), e).prop_map(|(n, e)| Statement::Use(n, e)),
    ];
    vec(one, least..3).boxed()
}

fn binders(e: impl Strategy<Value = Expr> + 'static) -> BoxedStrategy<Vec<Binder>> {
    vec(
        (ident(), option::of(e)).prop_map(|(name, bound)| Binder { name, bound }),
        1..3,
    )
    .boxed()
}

fn unary() -> impl Strategy<Value = UnaryOp> + Clone {
    prop_oneof![Just(UnaryOp::Neg), Just(UnaryOp::Not)]
}

fn size_op() -> impl Strategy<Value = BinaryOp> + Clone {
    use BinaryOp::*;
    prop::sample::select(vec![Eq, Lt, Le, Gt, Ge])
}

fn binary() -> impl Strategy<Value = BinaryOp> + Clone {
    use BinaryOp::*;
    prop::sample::select(vec![
        Add, Sub, Mul, Div, Rem, Pow, MatMul, Eq, Ne, Lt, Le, Gt, Ge, Approx, And, Or, Then,
        Beside, Pipe,
    ])
}

fn ident() -> impl Strategy<Value = Ident> + Clone {
    let names = vec![
        "x",
        "y",
        "f",
        "dense",
        "_",
        "a_much_longer_name_than_most",
        "K2",
        "model",
        "lens",
        "optimizer",
        "data",
        "learner",
        "test",
        "law",
        "type",
        "state",
        "using",
        "get",
        "put",
    ];
    prop::sample::select(names).prop_map(|name| Ident {
        text: name.to_string(),
        span: Span::default(),
    })
}

fn text() -> impl Strategy<Value = String> {
    "[a-z\"\\\\\n\t\u{0}\u{7f}α/ ]{0,6}"
}

fn plain(kind: ExprKind) -> Expr {
    Expr {
        kind,
        span: Span::default(),
    }
}

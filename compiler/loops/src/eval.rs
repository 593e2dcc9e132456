//! The meaning of loop form: a slow, plain interpreter over bytes.
//!
//! Frames are laid out as in compiled code, so that a wrong plan of the buffers shows here.

use lentil_unary::{Array, Carrier, Data, Site, Trap, Type, linalg, random, watch};

use crate::scalar;
use crate::syntax::{
    Address, Affine, Draw, Expr, Function, Gemm, Linalg, Place, Program, Random, Sort, Step, Stmt,
    Var, element_bytes,
};

/// The results of a program at arguments. `Bit` arguments of a program with lanes hold the same in all lanes,
/// and the results are those of the first lane.
pub fn eval(program: &Program, args: &[Array]) -> Result<Vec<Array>, Trap> {
    let words: Vec<Vec<u64>> = args.iter().map(|a| words_of(a, program.lanes)).collect();
    let results = eval_words(program, &words)?;
    Ok((program.results.iter().zip(results))
        .map(|(ty, words)| array_of(ty, words.into_iter()))
        .collect())
}

/// As [`eval`] on the bits of elements, a whole word of lanes for each `Bit`.
pub fn eval_words(program: &Program, args: &[Vec<u64>]) -> Result<Vec<Vec<u64>>, Trap> {
    let entry = program.entry();
    let mut memory = Memory {
        bytes: Vec::new(),
        program,
    };
    let table: Vec<usize> = (entry.buffers[..entry.params + entry.results].iter())
        .map(|b| memory.allocate(b.len * program.bytes(b.carrier)))
        .collect();
    for ((buffer, words), &at) in entry.buffers.iter().zip(args).zip(&table) {
        let size = program.bytes(buffer.carrier);
        for (k, &word) in words.iter().enumerate() {
            memory.put(at + k * size, size, word);
        }
    }
    let frame = memory.allocate(entry.frame);
    memory.call(program.functions.len() - 1, &table, frame)?;
    let results = (entry.params..entry.params + entry.results).map(|k| {
        let buffer = &entry.buffers[k];
        let size = program.bytes(buffer.carrier);
        (0..buffer.len)
            .map(|i| memory.get(table[k] + i * size, size))
            .collect()
    });
    Ok(results.collect())
}

/// The bits of an array's elements, as a buffer holds them.
pub fn words_of(array: &Array, lanes: bool) -> Vec<u64> {
    (0..array.ty().len())
        .map(|i| scalar::literal(array.literal(i), lanes))
        .collect()
}

/// An array from the bits of its elements; of a word of lanes, the first.
pub fn array_of(ty: &Type, words: impl Iterator<Item = u64>) -> Array {
    let data = match ty.carrier {
        Carrier::F32 => Data::F32(words.map(|w| f32::from_bits(w as u32)).collect()),
        Carrier::F64 => Data::F64(words.map(f64::from_bits).collect()),
        Carrier::Int => Data::Int(words.map(|w| w as i64).collect()),
        Carrier::Mod(_) => Data::Mod(words.map(|w| w as u32).collect()),
        Carrier::Bit | Carrier::Bool => Data::Byte(words.map(|w| (w & 1) as u8).collect()),
    };
    Array::new(ty.clone(), data)
}

/// All memory of a run, addressed by the position in it.
struct Memory<'p> {
    bytes: Vec<u8>,
    program: &'p Program,
}

/// A call in progress.
struct Activation<'f> {
    function: &'f Function,
    table: &'f [usize],
    frame: usize,
    vars: Vec<u64>,
}

impl Activation<'_> {
    fn affine(&self, affine: &Affine) -> i64 {
        let terms = affine.terms.iter();
        terms.fold(affine.constant, |sum, (v, c)| {
            sum + c * self.vars[v.index()] as i64
        })
    }

    fn carrier(&self, var: Var) -> Carrier {
        self.function.vars[var.index()]
    }
}

impl Memory<'_> {
    /// New memory, filled with a pattern that is no sensible value: what is read before it is written shows.
    fn allocate(&mut self, bytes: usize) -> usize {
        let at = self.bytes.len();
        self.bytes.resize(at + bytes, 0xB5);
        at
    }

    fn get(&self, at: usize, size: usize) -> u64 {
        let mut word = [0; 8];
        word[..size].copy_from_slice(&self.bytes[at..at + size]);
        u64::from_le_bytes(word)
    }

    fn put(&mut self, at: usize, size: usize, word: u64) {
        self.bytes[at..at + size].copy_from_slice(&word.to_le_bytes()[..size]);
    }

    fn call(&mut self, function: usize, table: &[usize], frame: usize) -> Result<(), Trap> {
        let function = &self.program.functions[function];
        let mut activation = Activation {
            function,
            table,
            frame,
            vars: vec![0; function.vars.len()],
        };
        self.steps(&mut activation, &function.body)
    }

    /// Where an address is, and how many bytes the element has. Outside of its buffer is a defect.
    fn locate(&self, act: &Activation, at: &Address) -> (usize, usize) {
        let buffer = &act.function.buffers[at.buffer.index()];
        let index = act.affine(&at.index);
        let empty = buffer.len == 0 && index == 0; // the address of an empty array, never read
        assert!(
            empty || (0..buffer.len as i64).contains(&index),
            "{at:?} is at {index}"
        );
        let size = element_bytes(buffer.carrier, self.program.lanes);
        let start = match buffer.place {
            Place::Table(k) => act.table[k],
            Place::Frame(offset) => act.frame + offset,
        };
        (start + index as usize * size, size)
    }

    fn load(&self, act: &Activation, at: &Address) -> u64 {
        let (at, size) = self.locate(act, at);
        self.get(at, size)
    }

    fn steps(&mut self, act: &mut Activation, steps: &[Step]) -> Result<(), Trap> {
        for step in steps {
            match step {
                Step::Nest(nest) => self.stmts(act, &nest.body)?,
                Step::Gemm(gemm) => self.gemm(act, gemm),
                Step::Random(random) => self.random(act, random),
                Step::Sort(sort) => self.sort(act, sort),
                Step::Map(map) => {
                    let mut at = map.at.clone();
                    for _ in 0..map.n {
                        let (place, size) = self.locate(act, &at);
                        let y = scalar::unary(map.op, map.carrier, self.get(place, size));
                        self.put(place, size, y);
                        at.index.constant += 1;
                    }
                }
                Step::Show { what, at } => {
                    let shown = &self.program.shown[*what];
                    let mut at = at.clone();
                    let words = (0..shown.ty.len()).map(|_| {
                        let word = self.load(act, &at);
                        at.index.constant += 1;
                        word
                    });
                    watch::show(&shown.name, &array_of(&shown.ty, words));
                }
                Step::Linalg(linalg) => self.linalg(act, linalg),
                Step::Loop { count, limit, body } => {
                    let end = |memory: &Self, act: &Activation| {
                        let limit = limit.as_ref().map(|at| memory.load(act, at) as i64);
                        limit.map_or(count.n, |l| l.clamp(0, count.n as i64) as usize)
                    };
                    let first = end(self, act);
                    let mut ran = 0;
                    while ran
                        < if count.backward {
                            first
                        } else {
                            end(self, act)
                        }
                    {
                        let i = if count.backward { first - 1 - ran } else { ran };
                        act.vars[count.var.index()] = i as u64;
                        self.steps(act, body)?;
                        ran += 1;
                    }
                    if let Some(at) = limit {
                        let (place, size) = self.locate(act, at);
                        self.put(place, size, ran as u64);
                    }
                }
                Step::Cond {
                    condition,
                    then,
                    otherwise,
                } => {
                    let arm = if self.load(act, condition) != 0 {
                        then
                    } else {
                        otherwise
                    };
                    self.steps(act, arm)?;
                }
                Step::Call {
                    function,
                    args,
                    results,
                    frame,
                    ..
                } => {
                    let table: Vec<usize> = args
                        .iter()
                        .chain(results)
                        .map(|a| self.locate(act, a).0)
                        .collect();
                    let frame = Address {
                        buffer: *frame,
                        index: Affine::default(),
                    };
                    let frame = self.locate(act, &frame).0;
                    self.call(*function, &table, frame)?;
                }
            }
        }
        Ok(())
    }

    fn stmts(&mut self, act: &mut Activation, stmts: &[Stmt]) -> Result<(), Trap> {
        for stmt in stmts {
            match stmt {
                Stmt::Let(var, expr) => act.vars[var.index()] = self.expr(act, expr),
                Stmt::Cell(cell, var) | Stmt::Set(cell, var) => {
                    act.vars[cell.index()] = act.vars[var.index()];
                }
                Stmt::Store(at, var) => {
                    let (at, size) = self.locate(act, at);
                    self.put(at, size, act.vars[var.index()]);
                }
                Stmt::For(count, body) => {
                    for k in 0..count.n {
                        let i = if count.backward { count.n - 1 - k } else { k };
                        act.vars[count.var.index()] = i as u64;
                        self.stmts(act, body)?;
                    }
                }
                Stmt::Check { index, size, site } => {
                    let index = act.vars[index.index()] as i64;
                    if !(0..*size as i64).contains(&index) {
                        let (site, size): (Site, usize) = (*site, *size);
                        return Err(Trap { site, index, size });
                    }
                }
            }
        }
        Ok(())
    }

    fn expr(&self, act: &Activation, expr: &Expr) -> u64 {
        let lanes = self.program.lanes;
        let var = |v: &Var| act.vars[v.index()];
        match expr {
            Expr::Literal(literal) => scalar::literal(*literal, lanes),
            Expr::Load(at) => self.load(act, at),
            Expr::Index(affine) => act.affine(affine) as u64,
            Expr::Unary(op, x) => scalar::unary(*op, act.carrier(*x), var(x)),
            Expr::Binary(op, x, y) => scalar::binary(*op, act.carrier(*x), var(x), var(y)),
            Expr::Compare(op, x, y) => scalar::compare(*op, act.carrier(*x), var(x), var(y)),
            Expr::Select(c, x, y) => var(if var(c) != 0 { x } else { y }),
            Expr::Convert(to, x) => scalar::convert(act.carrier(*x), *to, var(x), lanes),
        }
    }

    fn gemm(&mut self, act: &Activation, gemm: &Gemm) {
        use lentil_unary::BinaryOp::{Add, Mul};
        let carrier = gemm.carrier;
        let element = |m: &crate::syntax::Matrix, row: usize, column: usize| {
            let step = row as i64 * m.row + column as i64 * m.column;
            Address {
                buffer: m.at.buffer,
                index: m.at.index.clone().plus(&Affine::constant(step), 1),
            }
        };
        for i in 0..gemm.m {
            for j in 0..gemm.n {
                let mut sum = 0;
                for p in 0..gemm.k {
                    let x = self.load(act, &element(&gemm.a, i, p));
                    let y = self.load(act, &element(&gemm.b, p, j));
                    sum = scalar::binary(Add, carrier, sum, scalar::binary(Mul, carrier, x, y));
                }
                let (at, size) = self.locate(act, &element(&gemm.c, i, j));
                self.put(at, size, sum);
            }
        }
    }

    fn sort(&mut self, act: &Activation, sort: &Sort) {
        let (mut x, mut out) = (sort.x.clone(), sort.out.clone());
        for _ in 0..sort.rows {
            let mut row = Vec::new();
            for _ in 0..sort.n {
                row.push(self.load(act, &x));
                x.index.constant += 1;
            }
            for index in scalar::argsort(sort.carrier, &row, sort.descending) {
                let (at, size) = self.locate(act, &out);
                self.put(at, size, index as u64);
                out.index.constant += 1;
            }
        }
    }

    fn linalg(&mut self, act: &Activation, linalg: &Linalg) {
        match linalg.carrier {
            Carrier::F32 => {
                let read = |word| f32::from_bits(word as u32);
                self.linalg_over(act, linalg, read, |x| u64::from(x.to_bits()));
            }
            Carrier::F64 => self.linalg_over(act, linalg, f64::from_bits, f64::to_bits),
            Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
                unreachable!("linear algebra is over the reals")
            }
        }
    }

    fn linalg_over<T: linalg::Real>(
        &mut self,
        act: &Activation,
        step: &Linalg,
        read: impl Fn(u64) -> T,
        written: impl Fn(T) -> u64,
    ) {
        let (taken, made) = step.sizes.elements(step.op);
        let element = |at: &Address, k: usize| {
            let mut at = at.clone();
            at.index.constant += k as i64;
            at
        };
        let count = step.sizes.count;
        let args: Vec<Vec<T>> = (step.args.iter().zip(&taken))
            .map(|(at, n)| {
                let elements = 0..n * count;
                elements
                    .map(|k| read(self.load(act, &element(at, k))))
                    .collect()
            })
            .collect();
        let args: Vec<&[T]> = args.iter().map(Vec::as_slice).collect();
        let mut results: Vec<Vec<T>> = made.iter().map(|n| vec![T::NAN; n * count]).collect();
        let mut views: Vec<&mut [T]> = results.iter_mut().map(Vec::as_mut_slice).collect();
        linalg::run(step.op, step.sizes, &args, &mut views);
        for (at, values) in step.results.iter().zip(results) {
            for (k, x) in values.into_iter().enumerate() {
                let (place, size) = self.locate(act, &element(at, k));
                self.put(place, size, written(x));
            }
        }
    }

    fn random(&mut self, act: &Activation, random: &Random) {
        let beyond = |at: &Address, k: usize| {
            let mut at = at.clone();
            at.index.constant += k as i64;
            at
        };
        for key in 0..random.count {
            let word = |k| self.load(act, &beyond(&random.key, 2 * key + k)) as i64;
            let own = random::key([word(0), word(1)]);
            let words: Vec<u32> = match &random.draw {
                Draw::Bits(n) => random::bits(own, *n),
                Draw::Split(n) => random::split(own, *n).concat(),
                Draw::Fold(numbers) => {
                    let number = self.load(act, &beyond(numbers, key)) as i64;
                    random::fold_in(own, number).to_vec()
                }
            };
            for (k, &word) in words.iter().enumerate() {
                let at = beyond(&random.out, key * random.draw.words() + k);
                let (at, size) = self.locate(act, &at);
                self.put(at, size, u64::from(word));
            }
        }
    }
}

//! Programs: sources that are parsed and checked, of which functions and learners are compiled.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lentil_core::{Failure, ItemInfo, Loader, Lowered};
use lentil_diag::{Diagnostic, Severity, Sources};
use lentil_unary::Region;

use crate::draft::Draft;
use crate::error::Error;
use crate::function::{Function, at_one};
use crate::learner::Learner;
use crate::loader::{self, Alone, Files};
use crate::pipeline::{Options, Stages, resolved, stages};
use crate::value::Value;
use crate::worker::Worker;

/// A program without errors. Clones share it.
///
/// ```
/// let program = lentil::Program::from_source("fn square(x: Real) -> Real = x * x")?;
/// let square = program.function("square")?;
/// assert_eq!(square.call(&[3.0.into()])?.number(), Some(9.0));
/// let slope = square.gradient()?;
/// assert_eq!(slope.call(&[3.0.into()])?.number(), Some(6.0));
/// # Ok::<(), lentil::Error>(())
/// ```
#[derive(Clone)]
pub struct Program {
    inner: Arc<Inner>,
    options: Options,
}

struct Inner {
    worker: Worker<lentil_core::Program>,
    sources: Arc<Sources>,
    items: Vec<ItemInfo>,
    warnings: Vec<Diagnostic>,
    path: Option<PathBuf>,
}

/// What is known about a program as soon as it is loaded.
struct Loaded {
    sources: Sources,
    items: Vec<ItemInfo>,
    diagnostics: Vec<Diagnostic>,
}

impl Program {
    /// The program that a text is. It may import from the standard library.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn from_source(text: &str) -> Result<Program, Error> {
        Program::load("<source>".to_string(), text.to_string(), None)
    }

    /// The program that a file is. It may import from the standard library and from files beside it.
    ///
    /// # Errors
    /// If the file cannot be read, or all that is wrong with it.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Program, Error> {
        let path = path.as_ref();
        let text = loader::source(path)?;
        Program::load(path.display().to_string(), text, Some(path.to_path_buf()))
    }

    /// The same program, compiled with other options.
    pub fn with_options(&self, options: Options) -> Program {
        Program {
            inner: self.inner.clone(),
            options,
        }
    }

    /// How it is compiled.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What its file defines, in order.
    pub fn items(&self) -> &[ItemInfo] {
        &self.inner.items
    }

    /// What is probably wrong with it.
    pub fn warnings(&self) -> Error {
        Error::new(self.inner.warnings.clone(), self.inner.sources.clone())
    }

    /// The texts it consists of, its own first.
    pub fn sources(&self) -> &Sources {
        &self.inner.sources
    }

    /// The file it comes from, if it comes from one.
    pub fn path(&self) -> Option<&Path> {
        self.inner.path.as_deref()
    }

    /// Compiles a function or a model, named by an expression: `relu`, `dense[4, 16]`, `f >> g`.
    ///
    /// # Errors
    /// If there is no such map, or if it cannot be compiled.
    pub fn function(&self, expression: &str) -> Result<Function, Error> {
        Function::compile(self, expression, self.draft(expression)?)
    }

    /// The value of an expression.
    ///
    /// ```
    /// let program = lentil::Program::from_source("fn twice(x: Real) -> Real = 2 * x")?;
    /// assert_eq!(program.evaluate("twice([1.5, 2])")?.to_string(), "[3.0, 4.0]");
    /// # Ok::<(), lentil::Error>(())
    /// ```
    ///
    /// # Errors
    /// If it has none, or if its computation stops.
    pub fn evaluate(&self, expression: &str) -> Result<Value, Error> {
        let draft = self.lowered(expression, lentil_core::Program::lower_value)?;
        Function::compile(self, expression, draft)?.call(&[])
    }

    /// A learner by its name; `None` is the only one.
    ///
    /// # Errors
    /// If there is no such learner.
    pub fn learner(&self, name: Option<&str>) -> Result<Learner, Error> {
        Learner::find(self, name)
    }

    /// The titles of the tests in the program's file.
    pub fn tests(&self) -> Vec<String> {
        self.ask(|core, _| core.tests())
    }

    /// Runs a test, by its position among the tests: whether it holds. Its arithmetic is exact, as in
    /// [`Options::to_the_letter`].
    ///
    /// # Errors
    /// If it cannot be compiled, or if it stops.
    pub fn run_test(&self, index: usize) -> Result<bool, Error> {
        let sources = self.inner.sources.clone();
        let draft = self.ask(move |core, options| {
            let real = options.real;
            let lowered = core.lower_test(index, &lentil_core::Options { real })?;
            Draft::new(lowered, sources, real)
        })?;
        let exact = self.with_options(self.options.to_the_letter());
        let test = Function::compile(&exact, "test", draft)?;
        Ok(test.call(&[])?.number() == Some(1.0))
    }

    /// What an expression that names a map lowers to.
    ///
    /// # Errors
    /// If there is no such map.
    pub fn draft(&self, expression: &str) -> Result<Draft, Error> {
        self.lowered(expression, lentil_core::Program::lower)
    }

    /// What the reverse derivative of a map lowers to.
    ///
    /// # Errors
    /// If there is no such map, or if it has no derivative.
    pub fn draft_reverse(&self, expression: &str) -> Result<Draft, Error> {
        self.lowered(expression, lentil_core::Program::lower_reverse)
    }

    /// What the gradient of a map to a single number lowers to: its reverse derivative at one.
    ///
    /// # Errors
    /// As [`Program::draft_reverse`].
    pub fn draft_gradient(&self, expression: &str) -> Result<Draft, Error> {
        self.draft_reverse(expression).map(at_one)
    }

    /// A draft with its derivatives as programs, as they are shown.
    pub fn resolved(&self, draft: &Draft) -> Region {
        let core = draft.region.clone();
        let [.., reverse] = self.ask(move |_, options| resolved(&core, options));
        reverse
    }

    /// All forms of a draft between core and loops.
    pub fn stages(&self, draft: &Draft) -> Stages {
        let core = draft.region.clone();
        self.ask(move |_, options| stages(core, options))
    }

    fn lowered(
        &self,
        expression: &str,
        lower: fn(&lentil_core::Program, &str, &lentil_core::Options) -> Result<Lowered, Failure>,
    ) -> Result<Draft, Error> {
        let mut sources = Sources::clone(&self.inner.sources);
        // As core does, so that places in the expression mean the same.
        sources.add("<expression>", expression);
        let expression = expression.to_string();
        let draft = self.ask(move |core, options| {
            let real = options.real;
            let lowered = lower(core, &expression, &lentil_core::Options { real })?;
            Draft::new(lowered, Arc::new(sources), real)
        })?;
        Ok(draft)
    }

    /// Asks the compiler, on its own thread.
    pub(crate) fn ask<R: Send + 'static>(
        &self,
        job: impl FnOnce(&lentil_core::Program, &Options) -> R + Send + 'static,
    ) -> R {
        let options = self.options.clone();
        self.inner.worker.ask(move |core| job(core, &options))
    }

    pub(crate) fn shared_sources(&self) -> Arc<Sources> {
        self.inner.sources.clone()
    }

    fn load(name: String, text: String, path: Option<PathBuf>) -> Result<Program, Error> {
        let loader: &'static (dyn Loader + Sync) = if path.is_some() { &Files } else { &Alone };
        let (worker, loaded) = Worker::start(move || {
            let (core, diagnostics) = lentil_core::Program::load(&name, &text, loader);
            let (sources, items) = (core.sources().clone(), core.items());
            (
                core,
                Loaded {
                    sources,
                    items,
                    diagnostics,
                },
            )
        })
        .map_err(|error| {
            let title = format!("the compiler cannot have a thread: {error}");
            Error::plain("E0903", title, None)
        })?;
        let Loaded {
            sources,
            items,
            diagnostics,
        } = loaded;
        let sources = Arc::new(sources);
        if diagnostics.iter().any(|d| d.severity == Severity::Error) {
            return Err(Error::new(diagnostics, sources));
        }
        let inner = Inner {
            worker,
            sources,
            items,
            warnings: diagnostics,
            path,
        };
        Ok(Program {
            inner: Arc::new(inner),
            options: Options::default(),
        })
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.items().iter().map(|item| item.name.as_str()).collect();
        f.debug_struct("Program")
            .field("path", &self.path())
            .field("items", &names)
            .finish()
    }
}

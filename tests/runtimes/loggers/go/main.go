// What Go's JSON loggers print of the scenario of ../python_loggers.py: `go run . DIR` writes DIR/go_<logger>.log each.
package main

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
	"github.com/rs/zerolog"
	"github.com/rs/zerolog/pkgerrors"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const (
	traceID   = "4bf92f3577b34da6a3ce929d0e0e4736"
	requestID = "req-7f3a"
)

func charge() error {
	return errors.Wrap(errors.New("no such sku"), "order 42 failed")
}

func zapLines() []byte {
	var out bytes.Buffer
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	core := zapcore.NewCore(encoder, zapcore.AddSync(&out), zap.InfoLevel)
	log := zap.New(core, zap.AddCaller(), zap.AddStacktrace(zap.ErrorLevel)).Named("shop.order").With(
		zap.String("service", "order"), zap.String("request_id", requestID), zap.String("trace_id", traceID))
	log.Info("started")
	log.Error("charge failed", zap.Error(charge()))
	log.Error("no price for sku 7")
	log.Info("retrying after ERROR 503")
	log.Warn("charge is late", zap.Error(charge()))
	return out.Bytes()
}

func zerologLines() []byte {
	var out bytes.Buffer
	zerolog.ErrorStackMarshaler = pkgerrors.MarshalStack
	log := zerolog.New(&out).With().Timestamp().Caller().Str("component", "shop.order").Str("service", "order").
		Str("request_id", requestID).Str("trace_id", traceID).Logger()
	log.Info().Msg("started")
	log.Error().Stack().Err(charge()).Msg("charge failed")
	log.Error().Msg("no price for sku 7")
	log.Info().Msg("retrying after ERROR 503")
	log.Warn().Stack().Err(charge()).Msg("charge is late")
	return out.Bytes()
}

func logrusLines(formatter logrus.Formatter) []byte {
	var out bytes.Buffer
	logger := logrus.New()
	logger.SetOutput(&out)
	logger.SetFormatter(formatter)
	log := logger.WithFields(logrus.Fields{
		"component": "shop.order", "service": "order", "request_id": requestID, "trace_id": traceID})
	log.Info("started")
	log.WithError(charge()).Error("charge failed")
	log.Error("no price for sku 7")
	log.Info("retrying after ERROR 503")
	log.WithError(charge()).Warn("charge is late")
	return out.Bytes()
}

func main() {
	folder := os.Args[1]
	for name, lines := range map[string][]byte{
		"zap":         zapLines(),
		"zerolog":     zerologLines(),
		"logrus_json": logrusLines(&logrus.JSONFormatter{}),
		"logrus_text": logrusLines(&logrus.TextFormatter{}),
	} {
		if err := os.WriteFile(filepath.Join(folder, "go_"+name+".log"), lines, 0o644); err != nil {
			panic(err)
		}
	}
}
